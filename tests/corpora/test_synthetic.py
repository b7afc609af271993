import csv
import wave
from collections import Counter

import numpy as np
import pytest

from audio.features import FEATURE_NAMES, extract_many
from audio.normalization import by_speaker
from corpora import espeak
from corpora.espeak import Delivery, EspeakError, speaking
from corpora.shaping import glided, levelled, tilted
from corpora.synthetic import make_synthetic_corpus


def _rows(manifest):
    with manifest.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _sound(path):
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768, file.getframerate()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    return make_synthetic_corpus(folder, n_clips=96, n_voices=8, seed=3)


@pytest.mark.slow
def test_the_corpus_comes_in_with_its_truth(corpus, ingest):
    entries, rejected, notes = ingest(corpus.parent)
    assert (len(entries), rejected, notes) == (96, [], [])
    assert {e.corpus for e in entries} == {"synthetic"}
    assert Counter(e.labels["emotion"] for e in entries) == dict.fromkeys(
        ("anger", "fear", "happiness", "neutral", "sadness", "surprise"), 16
    )
    assert set(Counter(e.metadata.speaker for e in entries).values()) == {12}
    assert {e.metadata.language for e in entries} == {"en", "de", "pl"}
    assert {e.metadata.style for e in entries} == {"acted"}
    assert all(set(e.labels) > {"valence", "arousal", "dominance", "intensity"} for e in entries)
    assert "Nobody speaks here" in (corpus.parent / "README.txt").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(tmp_path):
    def made(name, seed):
        manifest = make_synthetic_corpus(tmp_path / name, n_clips=12, n_voices=4, seed=seed)
        files = sorted(manifest.parent.rglob("*.wav"))
        return [manifest.read_bytes(), *(file.read_bytes() for file in files)]

    first = made("a", 1)
    assert made("b", 1) == first
    assert made("c", 2) != first


@pytest.mark.slow
def test_emotions_move_the_voice_the_way_people_move_it(corpus):
    rows = _rows(corpus)
    sounds = [_sound(corpus.parent / row["path"]) for row in rows]
    features = np.array([extract_many([sound], rate)[0] for sound, rate in sounds])
    z = by_speaker(features, [row["speaker"] for row in rows])
    emotion = np.array([row["emotion"] for row in rows])

    def mean(name, which):
        return np.nanmean(z[emotion == which, FEATURE_NAMES.index(name)])

    assert mean("f0_semitone_mean", "fear") > mean("f0_semitone_mean", "sadness") + 0.5
    assert mean("loudness_db_mean", "anger") > mean("loudness_db_mean", "sadness") + 0.5
    assert mean("alpha_ratio_db_mean", "anger") < mean("alpha_ratio_db_mean", "sadness")
    assert mean("speech_s", "sadness") > mean("speech_s", "fear")


@pytest.mark.slow
def test_truth_follows_the_emotion_and_its_strength(corpus):
    rows = _rows(corpus)

    def of(scale, emotion):
        return [float(row[scale]) for row in rows if row["emotion"] == emotion]

    assert min(of("valence", "happiness")) > max(of("valence", "sadness"))
    assert np.mean(of("arousal", "anger")) > 3.5 > np.mean(of("arousal", "sadness"))
    assert max(of("intensity", "neutral")) < np.mean(of("intensity", "fear"))
    assert all(1 <= float(row[s]) <= 5 for row in rows for s in ("valence", "intensity"))


def test_progress_is_told(tmp_path):
    told = []
    make_synthetic_corpus(tmp_path, n_clips=2, progress=lambda done, n: told.append((done, n)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("counts", "message"),
    [({"n_voices": 99}, "n_voices 99 is not a number from 1 to 16"), ({"n_clips": 0}, "n_clips 0")],
)
def test_counts_out_of_range_are_named(tmp_path, counts, message):
    with pytest.raises(ValueError, match=message):
        make_synthetic_corpus(tmp_path, **counts)


def test_an_unknown_voice_is_named():
    with speaking() as speaker, pytest.raises(EspeakError, match="no voice 'xx-yy'"):
        speaker.speak("hello", "xx-yy", Delivery(), 0)


def test_rate_and_pitch_do_what_they_say():
    with speaking() as speaker:
        slow = speaker.speak("one two three", "en+m3", Delivery(rate=100), 0)
        fast = speaker.speak("one two three", "en+m3", Delivery(rate=300), 0)
    assert len(slow) > 1.5 * len(fast)
    assert np.abs(slow).max() <= 1


def test_voices_are_found_however_deep_the_package_lies(monkeypatch):
    monkeypatch.setattr(espeak, "_MAX_DATA_PATH", 0)
    with speaking() as speaker:
        assert len(speaker.speak("hello", "en", Delivery(), 0)) > 1000


def test_a_tilt_raises_what_is_high_and_leaves_what_is_low():
    at = np.arange(16000) / 16000
    for hz, gain_db in ((50, 0.0), (7000, 6.0)):
        tone = np.sin(2 * np.pi * hz * at)
        out = tilted(tone, 16000, 6.0)
        assert 20 * np.log10(out.std() / tone.std()) == pytest.approx(gain_db, abs=0.3)


def test_a_rise_of_twelve_semitones_ends_an_octave_higher():
    tone = np.sin(2 * np.pi * 200 * np.arange(32000) / 16000)
    out = glided(tone, 16000, 12.0, 0.0)
    end = np.abs(np.fft.rfft(out[-1600:] * np.hanning(1600)))
    assert end.argmax() * 10 == pytest.approx(365, abs=15)  # 10.4 semitones, the mean over 0.1 s


def test_a_level_is_an_rms():
    noise = np.random.default_rng(0).normal(0, 0.3, 16000)
    assert 20 * np.log10(levelled(noise, -6.0).std()) == pytest.approx(-32, abs=0.2)

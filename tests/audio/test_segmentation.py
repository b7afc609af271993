import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import decoding, segmentation
from audio.decoding import AudioError
from audio.segmentation import utterances

RATE_HZ = 16_000


def silence(duration_s: float) -> np.ndarray:
    return np.zeros(round(duration_s * RATE_HZ), dtype=np.float32)


def laid_out(parts: list[tuple[str, np.ndarray]]) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """The parts one after the other, and where those called "voice" lie in seconds."""
    places, at = [], 0
    for kind, sound in parts:
        if kind == "voice":
            places.append((at / RATE_HZ, (at + len(sound)) / RATE_HZ))
        at += len(sound)
    return np.concatenate([sound for _, sound in parts]), places


def assert_found(found, places, within_s=0.25):
    assert len(found) == len(places)
    for (start, end), (true_start, true_end) in zip(found, places, strict=True):
        assert true_start - within_s <= start <= true_start + 0.02
        assert true_end - 0.02 <= end <= true_end + within_s


def recording(voice, noise, background=1e-4):
    parts = [("pause", silence(1.5))]
    for k, length_s in enumerate((2.0, 0.8, 3.5, 1.2, 4.0, 2.5, 0.6)):
        contour = 150 + 40 * np.sin(np.arange(round(length_s * RATE_HZ)) / RATE_HZ * 5)
        parts += [("voice", voice(contour, length_s, peak=0.4 / (1 + k % 3)))]
        parts += [("pause", silence(0.9 + 0.2 * k))]
        if k % 2:
            parts += [("burst", noise(0.5, 0.05, seed=k)), ("pause", silence(1.0))]
    sound, places = laid_out(parts)
    return sound + noise(len(sound) / RATE_HZ, background), places


@pytest.mark.parametrize("background", [0.0, 1e-4, 3e-3])
def test_voices_are_found_and_bursts_of_noise_are_not(tmp_path, voice, noise, background):
    sound, places = recording(voice, noise, background)
    soundfile.write(tmp_path / "a.wav", sound, RATE_HZ)
    assert_found(utterances(tmp_path / "a.wav"), places)


@pytest.mark.parametrize("gain", [0.01, 0.5])
def test_the_level_of_a_recording_does_not_matter(tmp_path, voice, noise, gain):
    sound, places = recording(voice, noise)
    soundfile.write(tmp_path / "a.wav", gain * sound, RATE_HZ, subtype="FLOAT")
    assert_found(utterances(tmp_path / "a.wav"), places)


def test_a_short_clip_is_one_utterance(tmp_path, noise):
    soundfile.write(tmp_path / "a.flac", noise(4.5), RATE_HZ)
    assert utterances(tmp_path / "a.flac") == [(0.0, 4.5)]


def test_a_long_recording_without_a_voice_has_no_utterances(tmp_path, noise):
    soundfile.write(tmp_path / "a.flac", noise(25.0), RATE_HZ)
    assert utterances(tmp_path / "a.flac") == []


def test_speech_without_pauses_is_cut_at_its_quietest_places(tmp_path, voice):
    sound = voice(150.0, 50.0)
    for dip_s in (11.0, 20.0, 33.0, 42.0):
        sound[round((dip_s - 0.05) * RATE_HZ) : round((dip_s + 0.05) * RATE_HZ)] *= 0.1
    soundfile.write(tmp_path / "a.wav", sound, RATE_HZ)
    found = utterances(tmp_path / "a.wav")
    assert [end for _, end in found[:-1]] == pytest.approx([11.0, 20.0, 33.0, 42.0], abs=0.06)
    assert all(0.3 <= end - start <= 15.0 for start, end in found)


def test_utterances_keep_order_bounds_and_the_longest_length(tmp_path, voice, noise):
    sound, _ = recording(voice, noise)
    soundfile.write(tmp_path / "a.wav", np.tile(sound, 2), RATE_HZ)
    found = utterances(tmp_path / "a.wav", max_s=2.0)
    edges = np.array(found).ravel()
    assert (np.diff(edges) >= 0).all()
    assert edges[0] >= 0
    assert edges[-1] <= 2 * len(sound) / RATE_HZ
    assert all(end - start <= 2.0 + 1e-6 for start, end in found)


def test_the_blocks_of_the_stream_do_not_show(tmp_path, voice, noise, monkeypatch):
    sound, _ = recording(voice, noise)
    soundfile.write(tmp_path / "a.wav", sound, RATE_HZ)
    whole = utterances(tmp_path / "a.wav")
    monkeypatch.setattr(decoding, "_BLOCK_VALUES", 7_777)
    np.testing.assert_allclose(utterances(tmp_path / "a.wav"), whole, atol=0.05)
    level = np.concatenate([part[0] for part in segmentation._activity([sound])])
    assert len(level) == -(-len(sound) // 160)


@pytest.mark.parametrize("wrong", [{"min_s": 0}, {"max_s": 0.2}, {"pad_s": -1}, {"pad_s": 8.0}])
def test_lengths_that_cannot_be_kept_are_an_error(tmp_path, wrong):
    with pytest.raises(ValueError, match="min_s"):
        utterances(tmp_path / "a.wav", **wrong)


def test_what_is_not_audio_is_the_decoder_s_error(tmp_path):
    (tmp_path / "a.wav").write_text("hello")
    with pytest.raises(AudioError, match="is not audio"):
        utterances(tmp_path / "a.wav")


@pytest.mark.slow
def test_real_utterances_joined_with_pauses_are_found_again(tmp_path, real_data, noise):
    folder = real_data / "nemo"
    with (folder / "data.tsv").open(encoding="utf-8") as file:
        names = [row["file_id"].strip() for row in csv.DictReader(file, delimiter="\t")]
    chosen = [Path(name).stem for name in names[:: len(names) // 30]][:30]
    sounds = [decoding.read(folder / "samples" / f"{stem}.flac") for stem in chosen]
    parts = [("pause", silence(1.0))]
    for sound in sounds:
        parts += [("voice", sound), ("pause", silence(1.2))]
    sound, places = laid_out(parts)
    sound += noise(len(sound) / RATE_HZ, 3e-4)
    soundfile.write(tmp_path / "a.flac", sound, RATE_HZ)
    found = utterances(tmp_path / "a.flac")
    middles = [(start + end) / 2 for start, end in found]
    one_each = sum(sum(a <= middle <= b for middle in middles) == 1 for a, b in places)
    assert one_each >= 0.8 * len(places)
    covered = np.zeros(len(sound), dtype=bool)
    for start, end in found:
        covered[round(start * RATE_HZ) : round(end * RATE_HZ)] = True
    power, speech = np.square(sound), np.zeros(len(sound), dtype=bool)
    for start, end in places:
        speech[round(start * RATE_HZ) : round(end * RATE_HZ)] = True
    assert power[covered].sum() / power.sum() > 0.99
    assert speech[covered].mean() > 0.85

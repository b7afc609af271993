"""Speech as it comes in: what is said and when, whatever the blocks."""

import io
import struct
import wave

import numpy as np
import pytest

from audio.decoding import AudioError
from audio.features import FEATURE_NAMES, extract
from models.training import Targets, train
from rounds.prediction import Promise, answers, with_speaker
from rounds.streaming import follow, samples_of

D = len(FEATURE_NAMES)
NOBODY = np.zeros((0, D))
PROMISE = Promise(0.0, float("nan"), 1.0, 0.0, 0.9)


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 60)
    features = rng.normal(size=(60, D)) + truth[:, None]
    none = np.empty((60, 0))
    targets = Targets(np.eye(2)[truth], np.ones(60), none, none, np.ones(60, dtype=bool))
    speakers = [f"s{i % 3}" for i in range(60)]
    return train(
        features, targets, speakers, classes=("anger", "sadness"), scales={}, seed=0, max_epochs=10
    )


@pytest.fixture(scope="module")
def sound():
    t = np.arange(int(2.3 * 16000)) / 16000
    voice = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12))
    return (0.1 * voice * (1 + np.sin(2 * np.pi * 4 * t))).astype(np.float32)


def _in_blocks(sound, size):
    return [sound[i : i + size] for i in range(0, len(sound), size)]


@pytest.mark.parametrize("size", [37, 1600, 100_000])
def test_an_answer_comes_every_hop_however_the_sound_arrives(model, sound, size):
    said = list(follow(_in_blocks(sound, size), model, PROMISE, NOBODY))
    assert [one.time_s for one in said] == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.3])


def test_each_answer_is_what_the_window_would_get_as_a_file(model, sound):
    said = list(follow(_in_blocks(sound, 999), model, PROMISE, NOBODY, window_s=1.0))
    window = sound[8000:24000]
    wide = with_speaker(model, extract(window)[None], NOBODY)
    whole = answers(model, wide, [("-", 0.5, 1.5)], PROMISE)[0]
    assert said[2].answer.proba == whole.proba
    assert (said[2].answer.start_s, said[2].answer.end_s) == (0.5, 1.5)


def test_silence_is_not_given_an_emotion(model):
    said = list(follow([np.zeros(16000, dtype=np.float32)], model, PROMISE, NOBODY))
    assert [one.answer for one in said] == [None, None]


def _wav(sound, rate=16000, channels=1):
    sink = io.BytesIO()
    with wave.open(sink, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        frames = np.repeat((sound * 32767).astype("<i2")[:, None], channels, axis=1)
        out.writeframes(frames.tobytes())
    return sink.getvalue()


def test_wav_and_raw_samples_are_the_same_sound(sound):
    raw = (sound * 32767).astype("<i2").tobytes()
    plain = np.concatenate(list(samples_of(io.BytesIO(raw))))
    np.testing.assert_allclose(plain, sound, atol=1e-4)
    wav = np.concatenate(list(samples_of(io.BytesIO(_wav(sound)))))
    np.testing.assert_array_equal(plain, wav)
    stereo = np.concatenate(list(samples_of(io.BytesIO(_wav(sound, channels=2)))))
    np.testing.assert_allclose(plain, stereo, atol=1e-6)
    faster = np.concatenate(list(samples_of(io.BytesIO(_wav(sound, rate=32000)))))
    assert len(faster) == pytest.approx(len(sound) / 2, abs=2)


def test_a_stream_that_is_no_pcm_is_said_in_one_line():
    fmt = struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)
    head = b"RIFF\xff\xff\xff\xffWAVE" + b"fmt " + struct.pack("<I", 16) + fmt
    with pytest.raises(AudioError, match="format 7 with 8 bits, not PCM"):
        list(samples_of(io.BytesIO(head + b"data\0\0\0\0")))
    with pytest.raises(AudioError, match="without samples"):
        list(samples_of(io.BytesIO(b"RIFF\0\0\0\0WAVE")))
    assert list(samples_of(io.BytesIO(b""))) == []

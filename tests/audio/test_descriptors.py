import numpy as np
import pytest

from audio.descriptors import DESCRIPTOR_NAMES, DESCRIPTORS, describe
from audio.features import FEATURE_NAMES, extract, extract_with_frames

RATE_HZ = 16_000


def column(frames, name):
    return frames.values[:, DESCRIPTOR_NAMES.index(name)]


def test_a_frame_every_ten_milliseconds_has_every_descriptor(voice, noise):
    frames = describe(voice(150.0, 1.5) + noise(1.5, 1e-3))
    assert frames.values.shape == (151, len(DESCRIPTOR_NAMES))
    np.testing.assert_allclose(np.diff(frames.time_s), 0.01)
    assert frames.time_s[0] == 0
    inner = frames.values[10:-10]
    assert np.isfinite(inner).mean() > 0.99
    assert all(meaning for _, meaning in DESCRIPTORS.values())


def test_pitch_is_undefined_in_a_pause_and_the_flags_say_so(voice):
    sound = np.concatenate([voice(200.0, 0.5), np.zeros(RATE_HZ // 2, np.float32)])
    frames = describe(sound)
    f0, is_voiced = column(frames, "f0_semitone"), column(frames, "is_voiced")
    assert np.nanmedian(f0) == pytest.approx(12 * np.log2(200 / 27.5), abs=0.05)
    assert is_voiced[5:45].all()
    assert np.isnan(f0[60:]).all()
    assert not column(frames, "is_speech")[60:].any()


@pytest.mark.parametrize("gain", [0.1, 3.0])
def test_gain_moves_levels_by_as_many_db_and_nothing_else(voice, noise, gain):
    sound = voice(150.0) + noise(1.0, 0.01)
    before, after = describe(sound), describe(gain * sound)
    levels = [name for name, (unit, _) in DESCRIPTORS.items() if unit == "dB re full scale"]
    assert {"energy_db", "loudness_db", "log_mel_1_db"} <= set(levels)
    for name in DESCRIPTOR_NAMES:
        moved = 20 * np.log10(gain) if name in levels else 0
        a, b = column(before, name), column(after, name)
        np.testing.assert_allclose(b[10:-10], a[10:-10] + moved, rtol=1e-3, atol=2e-2)


def test_a_full_scale_square_wave_has_an_energy_of_nought_db():
    square = np.sign(np.sin(2 * np.pi * 500 * (np.arange(RATE_HZ) + 0.5) / RATE_HZ))
    assert np.median(column(describe(square), "energy_db")) == pytest.approx(0, abs=0.2)


def test_functionals_and_frames_of_one_pass_are_those_of_two(voice, noise):
    sound = voice(150.0) + noise(1.0, 0.01)
    values, frames = extract_with_frames(sound)
    np.testing.assert_array_equal(values, extract(sound))
    np.testing.assert_array_equal(frames.values, describe(sound).values)
    mean = np.nanmean(column(frames, "hnr_db")[column(frames, "is_voiced") == 1])
    assert mean == pytest.approx(values[FEATURE_NAMES.index("hnr_db_mean")], rel=1e-4)


@pytest.mark.parametrize("n", [1, 100, 16_001])
def test_silence_has_frames_without_values(n):
    frames = describe(np.zeros(n))
    assert len(frames.time_s) == len(frames.values) == 1 + n // 160
    assert np.isnan(column(frames, "loudness_db")).all()
    assert (column(frames, "is_voiced") == 0).all()
    assert len(describe(np.eye(1, n)[0]).values) == len(frames.values)

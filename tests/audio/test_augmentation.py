"""Altered copies: another recording of the same sound."""

import numpy as np
import pytest

from audio.augmentation import altered, in_a_room, in_noise, over_a_line
from audio.decoding import SAMPLE_RATE_HZ


def tone(hz=1000.0, seconds=1.0):
    at = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (0.3 * np.sin(2 * np.pi * hz * at)).astype(np.float32)


def power(sound, low_hz, high_hz):
    hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    inside = (hz >= low_hz) & (hz < high_hz)
    return float(np.square(np.abs(np.fft.rfft(sound))[inside]).sum())


def test_the_same_sound_has_the_same_copy_and_another_seed_another():
    sound = tone()
    np.testing.assert_array_equal(altered(sound), altered(sound.copy()))
    assert not np.array_equal(altered(sound), altered(sound, seed=1))


def test_copies_are_as_long_finite_and_seldom_as_the_original():
    for seed in range(20):
        copy = altered(tone(200.0), seed)
        assert copy.shape == tone().shape
        assert copy.dtype == np.float32
        assert np.isfinite(copy).all()
        assert np.abs(copy - tone(200.0)).max() > 1e-3


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 25.0])
def test_noise_is_as_far_below_as_was_asked(snr_db):
    sound = tone()
    noise = in_noise(sound, snr_db, 1.0, np.random.default_rng(0)) - sound
    assert 10 * np.log10(np.mean(sound**2) / np.mean(noise**2)) == pytest.approx(snr_db, abs=0.1)


def test_noise_falls_by_its_slope():
    silence = np.full(SAMPLE_RATE_HZ, 1e-3, dtype=np.float32)
    noise = in_noise(silence, -60.0, 2.0, np.random.default_rng(0))
    # An octave higher brown noise has half the power: a quarter a hertz, in twice the band.
    fall = power(noise, 400, 800) / power(noise, 800, 1600)
    assert fall == pytest.approx(2.0, rel=0.2)


def test_a_line_lets_through_its_band_alone():
    both = tone(100.0) + tone(1000.0) + tone(6000.0)
    heard = over_a_line(both, 300.0, 3400.0)
    assert power(heard, 900, 1100) > 0.9 * power(both, 900, 1100)
    assert power(heard, 0, 200) < 1e-3 * power(both, 0, 200)
    assert power(heard, 5500, 6500) < 1e-3 * power(both, 5500, 6500)


def test_a_room_rings_on_and_is_as_loud():
    click = np.zeros(SAMPLE_RATE_HZ, dtype=np.float32)
    click[100] = 1.0
    heard = in_a_room(click, 0.4, 3.0, np.random.default_rng(0))
    assert np.mean(heard**2) == pytest.approx(np.mean(click**2), rel=0.01)
    early, late = np.square(heard[200:1000]).sum(), np.square(heard[4000:4800]).sum()
    assert early > 10 * late > 0
    assert np.square(heard[100 + int(0.4 * SAMPLE_RATE_HZ) + 1 :]).sum() < 1e-6


def test_what_is_no_waveform_is_refused():
    with pytest.raises(ValueError, match=r"a waveform \(n,\) with n > 0 is expected, not \(0,\)"):
        altered(np.zeros(0))
    with pytest.raises(ValueError, match=r"not \(2, 5\)"):
        altered(np.zeros((2, 5)))

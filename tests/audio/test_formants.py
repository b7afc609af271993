import numpy as np
import pytest
import torch
from scipy.signal import lfilter

from audio import formants, pitch

RATE_HZ = 16_000


def vowel(formants_hz, f0_hz=110.0, widths_hz=(80, 90, 120, 160, 200)) -> np.ndarray:
    """A pulse train that falls by 12 dB an octave, raised by 6 at the lips, through resonances."""
    sound = np.zeros(RATE_HZ)
    sound[np.arange(0, RATE_HZ, RATE_HZ / f0_hz).astype(int)] = 1
    sound = lfilter([1], [1, -0.97], sound)
    for hz, width_hz in zip(formants_hz, widths_hz, strict=False):
        r = np.exp(-np.pi * width_hz / RATE_HZ)
        sound = lfilter([1], [1, -2 * r * np.cos(2 * np.pi * hz / RATE_HZ), r * r], sound)
    return sound / np.abs(sound).max()


def found_in(sound) -> formants.Formants:
    track = pitch.track(torch.from_numpy(np.asarray(sound, dtype=np.float32)), RATE_HZ)
    return formants.describe(track)


@pytest.mark.parametrize(
    "planted_hz",
    [
        (280, 2250, 2900, 3600, 4500),
        (700, 1200, 2500, 3500, 4500),
        (310, 870, 2250, 3400, 4500),
        (500, 1500, 2500, 3500, 4500),
    ],
    ids=["i", "a", "u", "schwa"],
)
def test_the_formants_of_a_made_vowel_are_found(planted_hz):
    found = found_in(vowel(planted_hz))
    np.testing.assert_allclose(np.nanmedian(found.hz, axis=0), planted_hz[:3], rtol=0.05, atol=25)


def test_a_broader_resonance_has_the_greater_bandwidth():
    hz = (700, 1200, 2500, 3500, 4500)
    narrow = found_in(vowel(hz, widths_hz=(60, 90, 120, 160, 200)))
    broad = found_in(vowel(hz, widths_hz=(180, 90, 120, 160, 200)))
    gain = np.nanmedian(broad.bandwidth_octaves[:, 0]) - np.nanmedian(
        narrow.bandwidth_octaves[:, 0]
    )
    assert gain == pytest.approx(np.log2(3), abs=0.6)


def test_formants_ascend_and_are_there_where_there_is_voice():
    sound = np.concatenate([vowel((700, 1200, 2500, 3500, 4500)), np.zeros(RATE_HZ // 2)])
    track = pitch.track(torch.from_numpy(sound.astype(np.float32)), RATE_HZ)
    found = formants.describe(track)
    voiced = ~np.isnan(track.f0_hz)
    assert np.isnan(found.hz[~voiced]).all()
    assert np.isfinite(found.hz[voiced]).mean() > 0.95
    assert (np.diff(found.hz[voiced], axis=1) > 0).mean() > 0.95


def test_silence_has_no_formants():
    assert np.isnan(found_in(np.zeros(4000)).hz).all()

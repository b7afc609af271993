"""Formants: the resonances of the vocal tract, frame by frame, where there is voice.

Sources: Makhoul 1975, Spectral linear prediction (prediction from a part of the power spectrum,
so that nothing need be resampled); Atal & Hanauer 1971 for formants as roots of the predictor.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from audio.pitch import Pitch

N_FORMANTS = 3

_TOP_HZ = 5000.0
_ORDER = 10
"""Two coefficients for each of the five resonances that lie below 5 kHz in most voices."""

_EMPHASIS_HZ = 50.0
_LOWEST_HZ = 150.0
_BROADEST_HZ = 1000.0
"""A root that is lower or broader than these shapes the slope of the spectrum: no resonance."""


@dataclass(frozen=True)
class Formants:
    """The first formants of T frames, (T, N_FORMANTS) float32, NaN where unvoiced or not found.

    `hz` are their frequencies, ascending; `bandwidth_octaves` the logarithm to base 2 of their
    bandwidths in Hz.
    """

    hz: NDArray[np.float32]
    bandwidth_octaves: NDArray[np.float32]


def describe(pitch: "Pitch") -> Formants:
    """The formants of the voiced frames of a pitch track, from the power spectra it came from.

    They are measured at every second frame (20 ms) and lie halfway in between: finding the roots
    is the dearest step of the chain, and the tongue is no faster than that.
    """
    found = np.full((2, len(pitch.f0_hz), N_FORMANTS), np.nan, dtype=np.float32)
    voiced = np.flatnonzero(~np.isnan(pitch.f0_hz))
    measured, between = voiced[voiced % 2 == 0], voiced[voiced % 2 == 1]
    if len(measured):
        n_bins = round(_TOP_HZ / pitch.bin_hz) + 1
        power = pitch.power[measured, :n_bins].double().numpy()
        top_hz = (n_bins - 1) * pitch.bin_hz
        found[:, measured] = _resonances(_predictor(power, pitch.bin_hz), top_hz)
    before = found[:, between - 1]
    after = found[:, np.minimum(between + 1, len(pitch.f0_hz) - 1)]
    half = np.where(np.isnan(after), before, (before + after) / 2)
    found[:, between] = np.where(np.isnan(before), after, half)
    return Formants(found[0], found[1])


def _predictor(power: NDArray[np.float64], bin_hz: float) -> NDArray[np.float64]:
    """The linear predictor (T, _ORDER + 1) of power spectra (T, n_bins), by Levinson's recursion.

    The spectra are first raised by 6 dB an octave, for voices fall by about that.
    """
    hz = np.arange(power.shape[1]) * bin_hz
    raised = power * (1 + (hz / _EMPHASIS_HZ) ** 2)
    r = np.fft.irfft(raised, axis=1)[:, : _ORDER + 1]
    error = r[:, 0] * (1 + 1e-6) + 1e-30
    a = np.zeros_like(r)
    a[:, 0] = 1
    for i in range(1, _ORDER + 1):
        reflection = -(a[:, :i] * r[:, i:0:-1]).sum(axis=1) / error
        a[:, 1 : i + 1] += reflection[:, None] * a[:, i - 1 :: -1]
        error = error * (1 - reflection**2)
    return a


def _resonances(a: NDArray[np.float64], top_hz: float) -> NDArray[np.float64]:
    """Frequency and log2 bandwidth (2, T, N_FORMANTS) of the lowest resonances of predictors."""
    companion = np.zeros((len(a), _ORDER, _ORDER))
    companion[:, 0] = -a[:, 1:]
    companion[:, np.arange(1, _ORDER), np.arange(_ORDER - 1)] = 1
    roots = np.linalg.eigvals(companion)
    hz = np.angle(roots) * top_hz / np.pi
    bandwidth_hz = -np.log(np.abs(roots).clip(1e-9, 1 - 1e-6)) * 2 * top_hz / np.pi
    is_formant = (hz > _LOWEST_HZ) & (hz < top_hz - 50) & (bandwidth_hz < _BROADEST_HZ)
    hz = np.where(is_formant, hz, np.nan)
    lowest = np.argsort(hz, axis=1)[:, :N_FORMANTS]  # NaN comes last
    octaves = np.log2(np.where(is_formant, bandwidth_hz, np.nan))
    return np.stack([np.take_along_axis(what, lowest, axis=1) for what in (hz, octaves)])

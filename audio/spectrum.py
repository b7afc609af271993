"""Spectrum: timbre and loudness of every frame.

Sources: Eyben et al. 2016 (eGeMAPS) for alpha ratio, Hammarberg index, slopes, flux and the
loudness model; Davis & Mermelstein 1980 for MFCC; IEC 61672 for A-weighting.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchaudio import functional

from audio.frames import framed, hann, power_spectra

N_MELS = 26
N_MFCC = 13

_WINDOW_S = 0.025
_FLOOR = 1e-9
"""Power this far (90 dB) below the loudest frame's is taken for nothing."""


@dataclass(frozen=True)
class Spectrum:
    """Descriptors of T frames, float32; dB unless said otherwise.

    `energy_db` (T,) is power, `loudness_db` (T,) A-weighted power, `log_mel_db` (T, N_MELS) of
    bands from 60 Hz to 8 kHz, `mfcc` (T, N_MFCC) their cosine transform from coefficient 1 on,
    `shape` (T, len(SHAPES)) the descriptors that SHAPES names.
    """

    energy_db: NDArray[np.float32]
    loudness_db: NDArray[np.float32]
    log_mel_db: NDArray[np.float32]
    mfcc: NDArray[np.float32]
    shape: NDArray[np.float32]


_BELOW_1K, _ABOVE_1K, _ABOVE_4K = (50.0, 1000.0), (1000.0, 5000.0), (4000.0, 1e9)
_BELOW_2K, _ABOVE_2K = (0.0, 2000.0), (2000.0, 5000.0)
_SLOPE_1, _SLOPE_2 = (0.0, 500.0), (500.0, 1500.0)
_BANDS_HZ = (_BELOW_1K, _ABOVE_1K, _ABOVE_4K, _BELOW_2K, _ABOVE_2K, _SLOPE_1, _SLOPE_2)


@dataclass(frozen=True)
class _Bank:
    window: Tensor
    n_fft: int
    mel: Tensor
    dct: Tensor
    a_weight: Tensor
    hz: Tensor
    mel_octaves: Tensor
    bands: dict[tuple[float, float], slice]


@lru_cache(maxsize=8)
def _bank(sample_rate_hz: int) -> _Bank:
    window = hann(round(_WINDOW_S * sample_rate_hz))
    n_fft = 1 << (len(window) - 1).bit_length()
    hz = torch.linspace(0, sample_rate_hz / 2, n_fft // 2 + 1, dtype=torch.float64)
    top_hz = min(8000.0, sample_rate_hz / 2)
    mel = functional.melscale_fbanks(n_fft // 2 + 1, 60.0, top_hz, N_MELS, sample_rate_hz)
    dct = functional.create_dct(N_MFCC + 1, N_MELS, "ortho")[:, 1:]
    f2 = hz**2
    a_curve = 12194.0**2 * f2**2 / (f2 + 20.6**2) / (f2 + 12194.0**2)
    a_curve = a_curve / ((f2 + 107.7**2) * (f2 + 737.9**2)).sqrt() * 10**0.1
    centres = (mel * hz[:, None]).sum(dim=0) / mel.sum(dim=0)
    return _Bank(
        window,
        n_fft,
        mel.float(),
        dct.float(),
        (a_curve**2).float(),
        hz.float(),
        torch.log2(centres / 1000).float(),
        {band: _bins(hz, *band) for band in _BANDS_HZ},
    )


def _bins(hz: Tensor, low_hz: float, high_hz: float) -> slice:
    first, last = torch.searchsorted(hz, torch.tensor([low_hz, high_hz], dtype=hz.dtype)).tolist()
    return slice(first, max(last, first + 1))


def describe(waveform: Tensor, sample_rate_hz: int) -> Spectrum:
    """The descriptors of a waveform (n,) float32, at any rate from 8 kHz up."""
    bank = _bank(sample_rate_hz)
    frames = framed(waveform, len(bank.window), sample_rate_hz)
    power = power_spectra(frames, bank.window, bank.n_fft)
    power = power * (2 / (bank.n_fft * float(bank.window.square().sum())))  # sums to mean square
    energy = power.sum(dim=1)
    floor = float(energy.max().clamp(min=1e-20)) * _FLOOR
    loudness = _db(power @ bank.a_weight, floor)
    log_mel = _db(power @ bank.mel, floor)
    mfcc = log_mel @ bank.dct
    return Spectrum(
        _db(energy, floor).numpy(),
        loudness.numpy(),
        log_mel.numpy(),
        mfcc.numpy(),
        _shape(power, log_mel, bank, floor).numpy(),
    )


def _db(power: Tensor, floor: float) -> Tensor:
    return 10 * torch.log10(power.clamp(min=floor))


def _shape(power: Tensor, log_mel: Tensor, bank: _Bank, floor: float) -> Tensor:
    hz, level = bank.hz, _db(power, floor * 1e-2)
    low, high, top = (
        power[:, bank.bands[band]].sum(dim=1) for band in (_BELOW_1K, _ABOVE_1K, _ABOVE_4K)
    )
    peak_low, peak_high = (
        level[:, bank.bands[band]].amax(dim=1) for band in (_BELOW_2K, _ABOVE_2K)
    )
    first, second = bank.bands[_SLOPE_1], bank.bands[_SLOPE_2]
    whole = power.sum(dim=1)
    rise = torch.zeros(len(power))
    shape = log_mel - log_mel.mean(dim=1, keepdim=True)
    rise[1:] = (shape[1:] - shape[:-1]).square().mean(dim=1).sqrt()
    return torch.stack(
        [
            _db(low, floor) - _db(high, floor),
            peak_low - peak_high,
            _slope(level[:, first], hz[first] / 1000),
            _slope(level[:, second], hz[second] / 1000),
            _slope(log_mel, bank.mel_octaves),
            (power @ hz) / whole.clamp(min=floor),
            rise,
            _db(top, floor) - _db(whole, floor),
        ],
        dim=1,
    )


def _slope(level: Tensor, x: Tensor) -> Tensor:
    """The slope of the regression line of each row of `level` (T, k) over `x` (k,)."""
    centred = x - x.mean()
    return level @ (centred / centred.square().sum())

"""Voice quality: how regular, how breathy, how pressed a voice is, frame by frame."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from audio.pitch import Pitch


@dataclass(frozen=True)
class Voice:
    """Descriptors of T frames (T,) float32, NaN where unvoiced.

    `hnr_db` is harmonics-to-noise ratio from the periodicity (Boersma 1993). `jitter_percent` is
    the bend of the period's course over three frames, as a share of the period; `shimmer_db` the
    same of the harmonics' level: frame-wise stand-ins for the cycle-wise measures. `h1_h2_db` is
    the first harmonic's level above the second's, `h1_a3_db` above the strongest between 2 and
    4 kHz (Hanson 1997, not corrected for formants).
    """

    hnr_db: NDArray[np.float32]
    jitter_percent: NDArray[np.float32]
    shimmer_db: NDArray[np.float32]
    h1_h2_db: NDArray[np.float32]
    h1_a3_db: NDArray[np.float32]


def describe(pitch: Pitch) -> Voice:
    """Voice quality from a pitch track and the power spectra it came from."""
    periodicity = np.clip(pitch.periodicity, 1e-4, 1 - 1e-4).astype(np.float32)
    period = (1 / pitch.f0_hz).astype(np.float32)
    level, h1, h2 = _harmonic_levels(pitch)
    bins = slice(round(2000 / pitch.bin_hz), round(4000 / pitch.bin_hz))
    a3 = 10 * torch.log10(pitch.power[:, bins].amax(dim=1).clamp(min=1e-20)).numpy()
    return Voice(
        hnr_db=10 * np.log10(periodicity / (1 - periodicity)),
        jitter_percent=(100 * _bend(period) / period).astype(np.float32),
        shimmer_db=_bend(level),
        h1_h2_db=h1 - h2,
        h1_a3_db=h1 - a3,
    )


def _bend(course: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each value is from the mean of its neighbours; NaN at the ends of a stretch."""
    bend = np.full_like(course, np.nan)
    bend[1:-1] = np.abs(course[1:-1] - (course[:-2] + course[2:]) / 2)
    return bend


def _harmonic_levels(
    pitch: Pitch,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Level in dB of the first five harmonics together, of the first, of the second; (T,) each."""
    f0 = torch.from_numpy(pitch.f0_hz)
    is_voiced = ~torch.isnan(f0)
    centres = torch.nan_to_num(f0, nan=100.0)[:, None] * torch.arange(1, 6) / pitch.bin_hz
    near = centres.round().long()[:, :, None] + torch.arange(-1, 2)
    near = near.clamp(0, pitch.power.shape[1] - 1)
    found = pitch.power.gather(1, near.flatten(1)).view(near.shape).amax(dim=2)
    found = torch.where(is_voiced[:, None], found.clamp(min=1e-20), torch.nan)
    level = 10 * torch.log10(found.sum(dim=1))
    harmonics = 10 * torch.log10(found)
    return level.numpy(), harmonics[:, 0].numpy(), harmonics[:, 1].numpy()

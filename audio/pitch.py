"""Pitch: the fundamental frequency of a voice, frame by frame.

Source: Boersma 1993, Accurate short-term analysis of the fundamental frequency and the
harmonics-to-noise ratio of a sampled sound, IFA Proceedings 17. Its window-corrected
autocorrelation, costs and path, with parabolic for sinc interpolation.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from audio.frames import blocks, framed, hann, power_spectra

FLOOR_HZ = 75.0
CEILING_HZ = 600.0

_N_CANDIDATES = 6
_PERIODS_PER_WINDOW = 3
_SILENCE = 0.03
_VOICING = 0.45
_OCTAVE = 0.01
_OCTAVE_JUMP = 0.35
_VOICED_UNVOICED = 0.14


@dataclass(frozen=True)
class Pitch:
    """The pitch of T frames.

    `f0_hz` (T,) is NaN where unvoiced. `periodicity` (T,) in [0, 1] is the share of a frame's
    power that repeats from one period to the next, NaN where unvoiced. `power` (T, n_bins) is the
    power spectrum it was found from, bins `bin_hz` apart.
    """

    f0_hz: NDArray[np.float32]
    periodicity: NDArray[np.float32]
    power: Tensor
    bin_hz: float


@lru_cache(maxsize=8)
def _window(sample_rate_hz: int) -> tuple[Tensor, Tensor, int]:
    """The window, its normalised autocorrelation up to the longest lag, and the FFT's length."""
    window = hann(round(_PERIODS_PER_WINDOW / FLOOR_HZ * sample_rate_hz))
    n_lags = int(sample_rate_hz / FLOOR_HZ) + 2
    n_fft = 1 << (len(window) + n_lags - 1).bit_length()
    own = torch.fft.irfft(torch.fft.rfft(window, n_fft).abs() ** 2)[:n_lags]
    return window, own / own[0], n_fft


def track(waveform: Tensor, sample_rate_hz: int) -> Pitch:
    """The pitch of a waveform (n,) float32, between FLOOR_HZ and CEILING_HZ, on any level."""
    window, own, n_fft = _window(sample_rate_hz)
    frames = framed(waveform, len(window), sample_rate_hz)
    power = torch.empty(len(frames), n_fft // 2 + 1)
    r = torch.empty(len(frames), len(own))
    local_peak = torch.empty(len(frames))
    for block in blocks(len(frames)):
        centred = frames[block] - frames[block].mean(dim=1, keepdim=True)
        local_peak[block] = centred.abs().amax(dim=1)
        power[block] = power_spectra(centred, window, n_fft)
        found = torch.fft.irfft(power[block], n_fft)[:, : len(own)]
        r[block] = found / found[:, :1].clamp(min=1e-20) / own
    f0, strength, periodicity = _candidates(r, sample_rate_hz)
    relative = (local_peak / local_peak.max().clamp(min=1e-20)).numpy()
    silence = np.maximum(0, 2 - relative / (_SILENCE / (1 + _VOICING)))
    chosen = _best_path(f0, strength, (_VOICING + silence).astype(np.float32))
    rows = np.arange(len(f0))
    is_voiced = chosen >= 0
    return Pitch(
        np.where(is_voiced, f0[rows, chosen], np.nan).astype(np.float32),
        np.where(is_voiced, periodicity[rows, chosen], np.nan).astype(np.float32),
        power,
        sample_rate_hz / n_fft,
    )


def _candidates(
    r: Tensor, sample_rate_hz: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The strongest maxima of the autocorrelation: F0 (Hz), strength, periodicity, each (T, K).

    A strength favours high candidates a little, for all multiples of a period repeat as well.
    Rows with fewer maxima are filled with strengths of -inf.
    """
    first = int(sample_rate_hz / CEILING_HZ)
    left, middle, right = r[:, first - 1 : -2], r[:, first:-1], r[:, first + 1 :]
    lags = torch.arange(first, first + middle.shape[1], dtype=r.dtype)
    is_peak = (middle > left) & (middle >= right) & (middle > 0.3 * _VOICING)
    bonus = -_OCTAVE * torch.log2(FLOOR_HZ * lags / sample_rate_hz)
    score = torch.where(is_peak, middle + bonus, torch.tensor(-torch.inf))
    strength, at = score.topk(min(_N_CANDIDATES, score.shape[1]), dim=1)
    before, here, after = (side.gather(1, at) for side in (left, middle, right))
    curvature = (2 * here - before - after).clamp(min=1e-9)
    shift = (0.5 * (after - before) / curvature).clamp(-0.5, 0.5)
    height = here + 0.25 * (after - before) * shift
    f0 = sample_rate_hz / (lags[at] + shift)
    periodicity = torch.where(height > 1, 1 / height, height)
    return f0.numpy(), (strength - here + periodicity).numpy(), periodicity.numpy()


def _best_path(
    f0: NDArray[np.float32], strength: NDArray[np.float32], unvoiced: NDArray[np.float32]
) -> NDArray[np.int64]:
    """The candidate of each frame, -1 = unvoiced, along the path of greatest total (Viterbi)."""
    gain = np.concatenate([np.nan_to_num(strength, neginf=-1e6), unvoiced[:, None]], axis=1)
    n_frames, n_states = gain.shape
    octaves = np.log2(f0)
    cost = np.full((max(0, n_frames - 1), n_states, n_states), _VOICED_UNVOICED, dtype=np.float32)
    cost[:, :-1, :-1] = _OCTAVE_JUMP * np.abs(octaves[1:, :, None] - octaves[:-1, None, :])
    cost[:, -1, -1] = 0
    best = gain[0]
    origins = np.empty((n_frames, n_states), dtype=np.int64)
    states = np.arange(n_states)
    for t in range(1, n_frames):
        totals = best - cost[t - 1]
        origin = totals.argmax(axis=1)
        origins[t] = origin
        best = totals[states, origin] + gain[t]
    path = np.empty(n_frames, dtype=np.int64)
    path[-1] = best.argmax()
    for t in range(n_frames - 1, 0, -1):
        path[t - 1] = origins[t, path[t]]
    return np.where(path == n_states - 1, -1, path)

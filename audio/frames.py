"""Frames: a clip as overlapping windows, 100 a second, all descriptors at the same instants."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from audio.grid import HOP_S

_BLOCK = 64
"""Frames transformed at a time: what lies in between then stays in the processor's cache, and
the allocator does not ask the system for fresh pages for every clip (a third of the time)."""


def framed(waveform: Tensor, window_n: int, sample_rate_hz: int) -> Tensor:
    """Frames (n_frames, window_n) of a waveform (n,), the ends filled up with zeros.

    n_frames is 1 + n // hop for any `window_n`, so that descriptors of different windows line up.
    """
    hop = round(HOP_S * sample_rate_hz)
    n_frames = 1 + len(waveform) // hop
    before = window_n // 2
    after = max(0, (n_frames - 1) * hop + window_n - before - len(waveform))
    return functional.pad(waveform, (before, after)).unfold(0, window_n, hop)[:n_frames]


def hann(window_n: int) -> Tensor:
    """The symmetric Hann window without its zero ends, (window_n,)."""
    return torch.hann_window(window_n + 2, periodic=False)[1:-1]


def power_spectra(frames: Tensor, window: Tensor, n_fft: int) -> Tensor:
    """The power spectra (n_frames, n_fft // 2 + 1) of windowed frames (n_frames, window_n)."""
    power = torch.empty(len(frames), n_fft // 2 + 1)
    for rows in blocks(len(frames)):
        spectrum = torch.fft.rfft(frames[rows] * window, n_fft)
        torch.add(spectrum.real.square(), spectrum.imag.square(), out=power[rows])
    return power


def blocks(n_frames: int) -> Iterator[slice]:
    """Slices that cover `n_frames` frames, a cacheful each."""
    for start in range(0, n_frames, _BLOCK):
        yield slice(start, min(start + _BLOCK, n_frames))

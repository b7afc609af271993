"""Frames: a clip as overlapping windows, 100 a second, all descriptors at the same instants."""

import torch
from torch import Tensor
from torch.nn import functional

HOP_S = 0.010
"""One frame every 10 ms: frame k of every descriptor is centred on k * HOP_S."""


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

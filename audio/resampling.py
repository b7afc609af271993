"""Resampling: a stream of mono blocks at one rate becomes a stream at another."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil

import numpy as np
import torch
from numpy.typing import NDArray
from torchaudio import functional

_LOWPASS_WIDTH = 16
_LARGEST_TERM = 1600
"""Bounds the filter bank (its size is the product of both terms) for rates such as 44,099 Hz."""


def resampled(
    blocks: Iterable[NDArray[np.float32]], from_hz: int, to_hz: int
) -> Iterator[NDArray[np.float32]]:
    """The same sound at `to_hz`, in blocks, each sample as if all had been resampled at once.

    `blocks` are (n,) float32, of any lengths. Windowed-sinc interpolation (torchaudio) with
    enough of the neighbouring blocks on either side. n samples become ceil(n * to_hz / from_hz).
    Ratios of large coprime numbers are approximated to better than one part in a million.
    """
    if from_hz == to_hz:
        yield from blocks
        return
    ratio = _ratio(from_hz, to_hz)
    source, target = ratio.numerator, ratio.denominator
    context = source * ceil(2 * _LOWPASS_WIDTH * max(source, target) / target / source)
    history = np.zeros(context, dtype=np.float32)
    pending = np.zeros(0, dtype=np.float32)
    n_in = n_out = 0
    for block in blocks:
        n_in += len(block)
        pending = np.concatenate([pending, block])
        n_ready = (len(pending) - context) // source * source
        if n_ready > 0:
            out = _convert(history, pending[: n_ready + context], n_ready, source, target)
            n_out += len(out)
            yield out
            history = np.concatenate([history, pending[:n_ready]])[-context:]
            pending = pending[n_ready:]
    n_left = ceil(n_in * target / source) - n_out
    if n_left > 0:
        n_ready = ceil(len(pending) / source) * source
        padded = np.pad(pending, (0, n_ready + context - len(pending)))
        yield _convert(history, padded, n_ready, source, target)[:n_left]


def _ratio(from_hz: int, to_hz: int) -> Fraction:
    ratio = Fraction(from_hz, to_hz)
    if max(ratio.numerator, ratio.denominator) <= _LARGEST_TERM:
        return ratio
    near = ratio.limit_denominator(_LARGEST_TERM)
    return near if near else ratio


def _convert(
    history: NDArray[np.float32], ahead: NDArray[np.float32], n_ready: int, source: int, target: int
) -> NDArray[np.float32]:
    """The resampled middle: `history` before it and the end of `ahead` behind it are context."""
    whole = torch.from_numpy(np.concatenate([history, ahead]))
    with torch.no_grad():
        out = functional.resample(whole, source, target, lowpass_filter_width=_LOWPASS_WIDTH)
    first = len(history) // source * target
    middle: NDArray[np.float32] = out[first : first + n_ready // source * target].numpy()
    return middle

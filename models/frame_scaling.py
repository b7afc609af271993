"""Tracks on one footing before a network listens to them: each against its own clip's mean.

What sets a speaker or a recording apart lies in the means; the functionals hold those, with what
is usual for the speaker beside them. So a network over frames hears what comes and goes, and
nothing need be known of who speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

CLIP = 4.0
_MOST_CLIPS = 500

Tracks = Sequence[NDArray[np.floating]]
"""Of n clips, (T, C) each, NaN where there was nothing to measure."""


@dataclass(frozen=True)
class FrameScaling:
    """`spread` (C,) is how far each track strays from its clip's mean."""

    spread: NDArray[np.float64]

    @classmethod
    def fit(cls, tracks: Tracks) -> "FrameScaling":
        """From the tracks of some clips; of many, every so manieth tells."""
        some = tracks[:: max(1, len(tracks) // _MOST_CLIPS)]
        square = np.zeros(some[0].shape[1])
        count = np.zeros(some[0].shape[1])
        for one in some:
            apart = _centred(one)
            square += np.nansum(apart**2, axis=0)
            count += np.isfinite(apart).sum(axis=0)
        spread = np.sqrt(square / np.maximum(count, 1))
        return cls(np.where(spread > 1e-6, spread, np.inf))

    def transform(self, tracks: Tracks) -> list[NDArray[np.float32]]:
        """(C, T) each, without NaN, within +-CLIP; what could not be measured stands at 0.

        Raises ValueError for another number of tracks.
        """
        for one in tracks:
            if one.ndim != 2 or one.shape[1] != len(self.spread) or not len(one):
                raise ValueError(
                    f"tracks must be (T, {len(self.spread)}), as in training, not {one.shape}"
                )
        scaled = (np.nan_to_num(_centred(one) / self.spread, nan=0.0) for one in tracks)
        return [
            np.ascontiguousarray(np.clip(one, -CLIP, CLIP).T, dtype=np.float32) for one in scaled
        ]


def _centred(tracks: NDArray[np.floating]) -> NDArray[np.float64]:
    values = tracks.astype(np.float64)
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=0)
    centred: NDArray[np.float64] = values - total / np.maximum(known.sum(axis=0), 1)
    return centred


def padded(scaled: Sequence[NDArray[np.float32]]) -> tuple[Tensor, Tensor]:
    """(n, C, T) of the longest, and (n, T): 1 where a clip has a frame, 0 behind its end."""
    longest = max(one.shape[1] for one in scaled)
    values = np.zeros((len(scaled), scaled[0].shape[0], longest), dtype=np.float32)
    there = np.zeros((len(scaled), longest), dtype=np.float32)
    for row, one in enumerate(scaled):
        values[row, :, : one.shape[1]] = one
        there[row, : one.shape[1]] = 1.0
    return torch.from_numpy(values), torch.from_numpy(there)


def alike_long(lengths: NDArray[np.integer], size: int) -> list[NDArray[np.int64]]:
    """Places of clips in batches of at most `size`, those of a batch about as long."""
    order = np.argsort(lengths, kind="stable")
    return [order[i : i + size] for i in range(0, len(order), size)]

"""Tracks changed as a recording may be changed without its emotion: while training alone."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from audio.tracks import LEVEL_TRACKS, MEL_TRACKS


@dataclass(frozen=True)
class Augmentation:
    """What is done to every clip of a batch, on scaled tracks (their deviations are about 1).

    `masks`: two stretches of at most 15 % of the batch's length, at most eight neighbouring mel
    bands and a tenth of the other tracks stand at their mean (Park et al. 2019, SpecAugment).
    `noise`: independent noise of at most this deviation, each clip by as much as is drawn for it.
    `level`: loudness and mel bands of a clip go up or down by at most this. `speed`: a batch is
    played slower or faster by at most this share, its pitch kept. 0 and False: not done.
    """

    masks: bool = True
    noise: float = 0.0
    level: float = 0.0
    speed: float = 0.0


_MASKED_TIME, _N_MASKED, _MASKED_BANDS, _MASKED_TRACKS = 0.15, 2, 8, 0.1


def paced(values: Tensor, there: Tensor, speed: float) -> tuple[Tensor, Tensor]:
    """Tracks (n, C, T) and their mask (n, T), `speed` times as fast."""
    n = max(4, round(values.shape[-1] / speed))
    slower = functional.interpolate(values, size=n, mode="linear", align_corners=False)
    return slower, functional.interpolate(there[:, None], size=n, mode="nearest")[:, 0]


def augmented(values: Tensor, asked: Augmentation, generator: torch.Generator) -> Tensor:
    """Tracks (n, C, T) changed in place of nothing: a copy. Drawn on the CPU."""
    n, n_tracks, n_frames = values.shape

    def drawn(*size: int) -> Tensor:
        return torch.rand(*size, generator=generator)

    changed = values.clone()
    if asked.level:
        shift = asked.level * (2 * drawn(n, 1, 1) - 1)
        changed[:, list(LEVEL_TRACKS)] += shift.to(values.device)
    if asked.noise:
        noise = torch.randn(values.shape, generator=generator) * (asked.noise * drawn(n, 1, 1))
        changed = changed + noise.to(values.device)
    if asked.masks:
        kept = torch.ones(n, n_tracks, n_frames)
        for _ in range(_N_MASKED):
            kept *= ~_stretch(drawn(n), drawn(n), _MASKED_TIME * n_frames, n_frames)[:, None]
        bands = MEL_TRACKS.stop - MEL_TRACKS.start
        kept[:, MEL_TRACKS] *= ~_stretch(drawn(n), drawn(n), _MASKED_BANDS, bands)[:, :, None]
        others = drawn(n, MEL_TRACKS.start, 1) >= _MASKED_TRACKS
        kept[:, : MEL_TRACKS.start] *= others
        changed = changed * kept.to(values.device)
    return changed


def _stretch(length: Tensor, place: Tensor, longest: float, size: int) -> Tensor:
    """(n, size) True within a stretch drawn for each of n: its length and place in [0, 1)."""
    wide = length[:, None] * longest
    first = place[:, None] * (size - wide)
    at = torch.arange(size)[None]
    return (at >= first) & (at < first + wide)

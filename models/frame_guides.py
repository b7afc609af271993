"""What a network over frames is asked beside the emotion, while it learns, so that it listens.

Intonation: the pitch and the voicing of every frame, where they were masked too. Rhythm: how fast
and how broken the speech is. Pronunciation: how each sound is made, where phones were marked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from audio.tracks import TRACKS
from models.frame_network import FrameShape, Listened

_PITCH, _VOICED = TRACKS.index("f0_semitone"), TRACKS.index("is_voiced")

RHYTHM = (
    "syllable_rate_per_s",
    "pauses_per_s",
    "pause_fraction",
    "voiced_fraction",
    "voiced_segments_per_s",
    "voiced_segment_s_mean",
)
"""The functionals of rhythm that are asked."""


@dataclass(frozen=True)
class GuideShares:
    """What each guide counts beside the emotion's loss; 0: it is not asked."""

    intonation: float = 0.0
    rhythm: float = 0.0
    pronunciation: float = 0.0


@dataclass(frozen=True)
class Guides:
    """What guides are asked about n clips.

    `rhythm` (n, r) in deviations, NaN where not known; `phones`, a clip each, classes (T,) of
    its rows of tracks, -1 = not known; none: pronunciation is not asked.
    """

    rhythm: NDArray[np.float32]
    phones: Sequence[NDArray[np.int64]] = field(default=())

    def rows(self, chosen: NDArray[np.int64]) -> "Guides":
        """Of some clips alone."""
        phones = [self.phones[i] for i in chosen] if self.phones else ()
        return Guides(self.rhythm[chosen], phones)

    @classmethod
    def of(cls, rhythm: NDArray[np.floating], phones: Sequence[NDArray[np.int64]] = ()) -> "Guides":
        """From functionals of rhythm (n, r) as they are."""
        values = np.asarray(rhythm, dtype=np.float64)
        known = np.isfinite(values)
        n = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, values, 0.0).sum(axis=0) / n
        apart = np.where(known, values - mean, np.nan)
        spread = np.sqrt(np.nansum(apart**2, axis=0) / n)
        scaled = np.clip(apart / np.where(spread > 1e-9, spread, np.inf), -3, 3)
        return cls(scaled.astype(np.float32), phones)


class GuideHeads(nn.Module):
    """The answers to what guides ask; they go when the network has learnt."""

    def __init__(self, shape: FrameShape, n_rhythm: int, n_phones: int) -> None:
        super().__init__()
        c = shape.n_channels
        self.intonation = nn.Parameter(torch.zeros(2, c, 1))
        self.phones = nn.Parameter(torch.zeros(n_phones, c, 1))
        self.rhythm = nn.Parameter(torch.zeros(shape.n_pooled, n_rhythm))

    def loss(
        self,
        heard: Listened,
        asked: GuideShares,
        unmasked: Tensor,
        there: Tensor,
        rhythm: Tensor,
        phones: Tensor | None,
    ) -> Tensor:
        """The weighted sum; `unmasked` (n, C, T) are tracks before augmentation at this speed,
        `rhythm` (n, r), `phones` (n, T)."""
        total = torch.zeros((), device=there.device)
        course = heard.course.float()
        if asked.intonation:
            said = functional.conv1d(course, self.intonation)
            voiced = (unmasked[:, _VOICED] > 0) * there
            pitch = (said[:, 0] - unmasked[:, _PITCH]).square() * voiced
            voicing = (said[:, 1] - unmasked[:, _VOICED]).square() * there
            apart = pitch.sum() / voiced.sum().clamp_min(1) + voicing.sum() / there.sum()
            total = total + asked.intonation * apart
        if asked.rhythm:
            known = torch.isfinite(rhythm)
            gap = torch.where(known, rhythm, 0.0) - heard.pooled @ self.rhythm
            total = total + asked.rhythm * (gap.square() * known).sum() / known.sum().clamp_min(1)
        if asked.pronunciation and phones is not None:
            said = functional.conv1d(course, self.phones)
            each = functional.cross_entropy(said, phones, ignore_index=-1, reduction="sum")
            total = total + asked.pronunciation * each / (phones >= 0).sum().clamp_min(1)
        return total

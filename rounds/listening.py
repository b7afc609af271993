"""What a model takes in of a sound: its features, and what it is over time where it listens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.descriptors import describe
from audio.features import extract_with_frames
from audio.front_ends import FrontEnd
from audio.front_ends.own import Own
from audio.tracks import TRACK_HOP_S
from audio.tracks import tracks as tracks_of
from models.emotion_model import EmotionModel

_SMOOTHED = 3
_ABOVE = 1.2
_SHORTEST = 3
_MOST = 3


@dataclass(frozen=True)
class Sounds:
    """What a model reads of n sounds: `features` (n, d), and `tracks` where it has a listener."""

    features: NDArray[np.float32]
    tracks: tuple[NDArray[np.float16], ...] | None

    def of(self, row: int) -> NDArray[np.float16] | None:
        """The tracks of one of them, where there are any."""
        return None if self.tracks is None else self.tracks[row]


def take_in(model: EmotionModel, sounds: Sequence[NDArray[np.float32]], front: FrontEnd) -> Sounds:
    """Features and tracks of sounds (n,) at 16 kHz, from one analysis where both come of it."""
    if model.listener is None:
        return Sounds(front.extract_many(sounds), None)
    if not isinstance(front, Own):
        return Sounds(front.extract_many(sounds), tuple(tracks_of(describe(s)) for s in sounds))
    both = [extract_with_frames(sound) for sound in sounds]
    features = np.array([one for one, _ in both], dtype=np.float32)
    return Sounds(
        features.reshape(len(both), len(front.names)), tuple(tracks_of(one) for _, one in both)
    )


@dataclass(frozen=True)
class Stretch:
    """A stretch of a clip in s, and the share of all attention that it has."""

    start_s: float
    end_s: float
    share: float


@dataclass(frozen=True)
class Attention:
    """Where a model listened: at `time_s` (t,), `level` (t,) times as much as if it had listened to
    everything alike; `stretches` are those it listened to most, in time."""

    time_s: NDArray[np.float64]
    level: NDArray[np.float64]
    stretches: tuple[Stretch, ...]


def attention(model: EmotionModel, tracks: NDArray[np.floating] | None) -> Attention | None:
    """Of one clip's tracks, mean over heads and networks; None for a model that does not listen.

    In a stretch of at least 90 ms attention, smoothed over as long, is a fifth more than if all was
    listened to alike; at most three are told. Attention says what was weighed, not why (Jain &
    Wallace 2019, Attention is not Explanation).
    """
    if model.listener is None or tracks is None:
        return None
    share = model.listener.listen([tracks]).attention[0]
    n = len(share)
    window = min(_SMOOTHED, n)
    summed = np.convolve(share, np.ones(window), mode="same")
    level = n * summed / np.convolve(np.ones(n), np.ones(window), mode="same")
    edges = np.flatnonzero(np.diff(level > _ABOVE, prepend=False, append=False))
    found = [
        Stretch(a * TRACK_HOP_S, b * TRACK_HOP_S, float(share[a:b].sum()))
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        if b - a >= _SHORTEST
    ]
    most = sorted(found, key=lambda one: -one.share)[:_MOST]
    times = (np.arange(n) + 0.5) * TRACK_HOP_S
    return Attention(times, level, tuple(sorted(most, key=lambda one: one.start_s)))

"""What a round's report is made from: plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from labels.scheme import Scale


@dataclass(frozen=True)
class HeldOut:
    """What the model said of voices it never trained on, and what was true.

    `truth` (n,) class indices, -1 or NaN = unknown; `proba` (n, k); `yardstick` says where the
    truth is from, such as "expert gold"; `n_speakers` is how many voices the n clips are by.
    """

    yardstick: str
    truth: ArrayLike
    proba: ArrayLike
    n_speakers: int | None = None


@dataclass(frozen=True)
class RoundReport:
    """All that a round's report shows, as plain values. What is left empty is said to be absent.

    rounds: summary rows, oldest first, as `rounds.round.summary` makes them.
    sources: dimension, source, kind ("function", "crowd"), n_votes, coverage, overlaps,
        conflicts, accuracy and, where known, low, high (its interval) and chance.
    label_model: dimension -> winner, calibrator, coverage, why, class_prior_from
        (each may be missing).
    pool, soft: segment_id, p_<class>, <scale>_mean of the model and of the joined votes; `soft`
        also has confidence (0 = no votes).
    batch: rank, segment_id, purpose ("query", "evaluation"), reason and, where known, speaker,
        duration_s, audio (a `data:audio/` URI, or a path relative to the report).
    champion: round, moved, from_version, to_version, old_score, new_score, metric, reason.
    quarantine: uri, where, reason.
    next_commands: (command, what it does). paths: what -> where it lies.
    """

    title: str
    classes: Sequence[str]
    rounds: Sequence[Mapping[str, Any]]
    synthetic: bool = False
    data_note: str = ""
    scales: Sequence[Scale] = ()
    sources: pd.DataFrame | None = None
    label_model: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    held_out: HeldOut | None = None
    pool: pd.DataFrame | None = None
    soft: pd.DataFrame | None = None
    batch: pd.DataFrame | None = None
    champion: Sequence[Mapping[str, Any]] = ()
    quarantine: Sequence[Mapping[str, Any]] = ()
    problems: Sequence[str] = ()
    next_commands: Sequence[tuple[str, str]] = ()
    paths: Mapping[str, str] = field(default_factory=dict)

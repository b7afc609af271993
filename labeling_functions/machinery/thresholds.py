"""Thresholds learnt from gold, so that no clip is judged by a threshold its speaker tuned."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

MIN_GOLD = 10
"""Gold clips, of those voted for and of the others, below which a threshold is guesswork."""
_SALTS = 64
_NEVER = 1e300  # a number, for an infinity cannot be pasted into a file


@dataclass(frozen=True)
class Score:
    """How votes by a threshold did: `precision`, share of them that are right; `coverage`, share
    of all clips voted on; `informedness`, hit rate less false-alarm rate (0 is chance)."""

    precision: float
    coverage: float
    informedness: float


@dataclass(frozen=True)
class Threshold:
    """A threshold to write into a labelling function's file, one part a fold of speakers.

    Every speaker belongs to a fold by name (and `salt`); the fold's threshold was learnt from the
    other folds' speakers. So whoever scores the function, on this gold or on any, never scores a
    clip with a threshold that its own speaker tuned. `value` was learnt from all gold: it is for
    reading, not for voting. `honest` and `tuned_on` are scores over the gold it was learnt from,
    by the folds' thresholds and by `value`; the second flatters.
    """

    folds: tuple[float, ...]
    salt: int = 0
    above: bool = True
    value: float = field(default=float("nan"), repr=False, compare=False)
    honest: Score | None = field(default=None, repr=False, compare=False)
    tuned_on: Score | None = field(default=None, repr=False, compare=False)

    def holds(self, table: pd.DataFrame, column: str) -> "pd.Series[bool]":
        """Whether each row of a labelling function's table is past its speaker's threshold."""
        limit = np.array(self.folds)[_folds(table["speaker"], len(self.folds), self.salt)]
        return table[column] > limit if self.above else table[column] < limit


def fit_threshold(
    values: ArrayLike,
    is_right: ArrayLike,
    speakers: Iterable[Any],
    *,
    above: bool = True,
    precision: float | None = None,
    n_folds: int = 5,
) -> Threshold:
    """Learn from gold where to draw the line on a feature, cross-fitted by speaker.

    `values` (n,) is the feature on clips with gold, `is_right` (n,) whether the vote would be
    right there (the true class is in its set), `speakers` whose clips they are; clips of unknown
    speakers count as one speaker's. The threshold has the best informedness (Youden's J), or, with
    `precision`, votes on as many clips as it can while so many of its votes are right. A clip
    whose value is not known is never voted on. Raises ValueError for too little gold.
    """
    x, right = np.asarray(values, dtype=float), np.asarray(is_right, dtype=bool)
    names = list(speakers)
    if not len(x) == len(right) == len(names):
        raise ValueError(
            f"values, is_right and speakers are {len(x)}, {len(right)} and {len(names)} long, "
            "not equally"
        )
    if precision is not None and not 0 < precision <= 1:
        raise ValueError(f"precision {precision} is not above 0 and at most 1")
    if n_folds < 2:
        raise ValueError(f"n_folds {n_folds} is not 2 or more")
    _enough(right, names)
    signed = x if above else -x
    salt, fold = _evenest(names, n_folds)
    limits = []
    for held in range(n_folds):
        kept = fold != held
        limits.append(round(_best(signed[kept], right[kept], precision), 6))
    whole = _best(signed, right, precision)
    sign = 1.0 if above else -1.0
    return Threshold(
        folds=tuple(sign * limit for limit in limits),
        salt=salt,
        above=above,
        value=sign * whole,
        honest=_score(signed > np.array(limits)[fold], right),
        tuned_on=_score(signed > whole, right),
    )


def _enough(right: NDArray[np.bool_], names: Sequence[Any]) -> None:
    n_right = int(right.sum())
    if min(n_right, len(right) - n_right) < MIN_GOLD:
        raise ValueError(
            f"a threshold needs gold on {MIN_GOLD} clips to vote on and {MIN_GOLD} not to, "
            f"not {n_right} and {len(right) - n_right}"
        )
    if len({_said(name) for name in names}) < 2:
        raise ValueError("a threshold needs gold of two speakers or more, not of one")


def _best(x: NDArray[np.float64], right: NDArray[np.bool_], precision: float | None) -> float:
    """The limit (vote where x is above it) that does best; past all where none is any good."""
    known = np.isfinite(x)
    order = np.argsort(-x[known], kind="stable")
    value, hit = x[known][order], right[known][order]
    if not len(value):
        return _NEVER
    n_voted = np.arange(1, len(value) + 1)
    n_hit = hit.cumsum()
    ends = np.append(value[1:] < value[:-1], True)  # a limit lies between two values
    if precision is None:
        others = max(int((~right).sum()), 1)
        gain = n_hit / max(int(right.sum()), 1) - (n_voted - n_hit) / others
    else:
        gain = np.where(n_hit / n_voted >= precision, n_voted, 0).astype(float)
    gain = np.where(ends, gain, -np.inf)
    at = int(gain.argmax())
    if gain[at] <= 0:
        return _NEVER
    below = value[at + 1] if at + 1 < len(value) else value[at] - 1.0
    return float((value[at] + below) / 2)


def _score(voted: NDArray[np.bool_], right: NDArray[np.bool_]) -> Score:
    n_right, n_wrong = max(int(right.sum()), 1), max(int((~right).sum()), 1)
    hits, alarms = int((voted & right).sum()), int((voted & ~right).sum())
    return Score(
        precision=hits / (hits + alarms) if hits + alarms else float("nan"),
        coverage=float(voted.mean()),
        informedness=hits / n_right - alarms / n_wrong,
    )


def _evenest(names: Sequence[Any], n_folds: int) -> tuple[int, NDArray[np.int64]]:
    """Of some ways to deal speakers to folds, the one whose largest fold has fewest clips."""
    dealt = [_folds(names, n_folds, salt) for salt in range(_SALTS)]
    largest = [int(np.bincount(fold).max()) for fold in dealt]
    salt = int(np.argmin(largest))
    return salt, dealt[salt]


def _folds(speakers: Iterable[Any], n_folds: int, salt: int) -> NDArray[np.int64]:
    code, names = pd.factorize(pd.Series([_said(s) for s in speakers], dtype=object))
    at = [zlib.crc32(f"{salt}:{name}".encode()) % n_folds for name in names]
    return np.array(at, dtype=np.int64)[code]


def _said(speaker: Any) -> str:
    return "" if pd.isna(speaker) else str(speaker)

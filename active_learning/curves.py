"""Reading learning curves: how many labels a score costs, and whether one strategy beats another.

A curve is `n_labels` (t,) rising, and `scores` (t,) at each, such as UAR on speakers not trained
on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from active_learning.picks import Floats


@dataclass(frozen=True)
class Difference:
    """Mean of paired differences over `n_pairs` and its interval; NaN ends below two pairs."""

    mean: float
    low: float
    high: float
    n_pairs: int


def labels_to_reach(n_labels: ArrayLike, scores: ArrayLike, target: float) -> float:
    """Labels at which a curve first reaches `target`, between its points on a straight line.

    NaN when it never does; the first point's count when it starts there. For x % of the full
    score, give x / 100 times the score with all labels.
    """
    counts, values = _curve(n_labels, scores)
    reached = np.flatnonzero(values >= target)
    if not len(reached):
        return float("nan")
    at = int(reached[0])
    if at == 0:
        return float(counts[0])
    share = (target - values[at - 1]) / (values[at] - values[at - 1])
    return float(counts[at - 1] + share * (counts[at] - counts[at - 1]))


def area_under_curve(n_labels: ArrayLike, scores: ArrayLike) -> float:
    """Mean height of a curve over the labels it spans (trapezoids), in the unit of the score."""
    counts, values = _curve(n_labels, scores)
    if len(counts) == 1:
        return float(values[0])
    return float(np.trapezoid(values, counts) / (counts[-1] - counts[0]))


def paired_difference(ours: ArrayLike, theirs: ArrayLike, confidence: float = 0.95) -> Difference:
    """How much higher `ours` (n,) is than `theirs` (n,), pair by pair (seed by seed, fold by fold).

    The interval is Student's t on the differences. Raises ValueError on unequal lengths.
    """
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(f"pairs need two equal rows of figures, not {a.shape} and {b.shape}")
    gaps = a - b
    mean, n = float(gaps.mean()), len(gaps)
    if n < 2:
        return Difference(mean, float("nan"), float("nan"), n)
    reach = float(stats.t.ppf(0.5 + confidence / 2, n - 1) * gaps.std(ddof=1) / np.sqrt(n))
    return Difference(mean, mean - reach, mean + reach, n)


def _curve(n_labels: ArrayLike, scores: ArrayLike) -> tuple[Floats, Floats]:
    counts = np.asarray(n_labels, dtype=np.float64)
    values = np.asarray(scores, dtype=np.float64)
    if counts.shape != values.shape or counts.ndim != 1 or not len(counts):
        raise ValueError(f"a curve needs two equal rows, not {counts.shape} and {values.shape}")
    if (np.diff(counts) <= 0).any():
        raise ValueError("a curve's n_labels must rise from point to point")
    return counts, values

"""How far an estimate may be off: the bootstrap over items."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_RESAMPLES, MAX_RESAMPLES = 100, 1000
_MIN_ITEMS = 5


def weighted_sum(weight: Floats, values: Floats) -> float:
    """sum of weight * values, both (n,)."""
    # Not by BLAS: its threads cost more than they save on small arrays and a busy machine.
    return float((weight * values).sum())


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval; NaN where it cannot be told."""

    value: float
    low: float
    high: float


def over_items(
    statistic: Callable[[Floats], float],
    n_items: int,
    *,
    n_resamples: int | None = None,
    cost: int | None = None,
    often: Floats | None = None,
    seed: int = 0,
) -> Estimate:
    """`statistic` of all items, and where its middle 95 % lie over resampled items.

    `statistic` takes a weight per item (n_items,): how often the item counts. Resampling is with
    replacement; items are what is exchangeable, so raters are taken as they are. `n_resamples` is
    1,000 where that costs little, fewer (100 at least) where `cost`, the number of ratings, is
    large: intervals are then narrow anyway. No interval below 5 items, or where more than a
    tenth of the resamples leave the statistic undefined.
    Of very many items most are alike: with `often` (n_kinds,), how many there are of each kind,
    `statistic` takes a weight per kind, and drawing kinds is the same as drawing items.
    Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap (percentile interval).
    """
    value = statistic(np.ones(n_items) if often is None else often)
    if n_items < _MIN_ITEMS or np.isnan(value):
        return Estimate(value, float("nan"), float("nan"))
    if n_resamples is None:
        affordable = 40_000_000 // max(cost or n_items, 1)
        n_resamples = int(np.clip(affordable, MIN_RESAMPLES, MAX_RESAMPLES))
    rng = np.random.default_rng(seed)
    drawn = np.empty(n_resamples)
    for r in range(n_resamples):
        if often is None:
            weight = np.bincount(rng.integers(n_items, size=n_items), minlength=n_items)
        else:
            weight = rng.multinomial(n_items, often / n_items)
        drawn[r] = statistic(weight.astype(np.float64))
    known = drawn[np.isfinite(drawn)]
    if len(known) < 0.9 * n_resamples:
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(known, (0.025, 0.975))
    return Estimate(value, float(low), float(high))

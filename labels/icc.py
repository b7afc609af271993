"""Intraclass correlations: how much of the spread of ratings lies between items."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from labels.bootstrap import Estimate, over_items, weighted_sum
from labels.ratings import Floats, Ratings, sums

ONE_WAY = ("ICC(1,1)", "ICC(1,k)")
TWO_WAY = ("ICC(2,1)", "ICC(2,k)", "ICC(3,1)", "ICC(3,k)")


@dataclass(frozen=True)
class _Squares:
    """Mean squares of a two-way layout without replication, n items by k raters."""

    n: float
    k: int
    between_items: float
    between_raters: float
    within_items: float
    residual: float


def icc_of_matrix(matrix: ArrayLike) -> dict[str, float]:
    """All six coefficients of a complete matrix (n_items, k raters), by name.

    ICC(1,.): each item has raters of its own; (2,.): the raters are a sample of all raters and
    their biases count as error; (3,.): these raters alone, biases do not count. (.,1) is one
    rater's reliability, (.,k) the mean's of all k. Raises ValueError for a matrix that is not
    complete or smaller than 2 x 2. Source: Shrout & Fleiss 1979.
    """
    table = np.asarray(matrix, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        raise ValueError(f"a complete matrix of 2 x 2 or more is needed, not {table.shape} or NaN")
    return _six(_squares(table, np.ones(len(table))))


def icc(ratings: Ratings, *, n_resamples: int | None = None, seed: int = 0) -> dict[str, Estimate]:
    """The coefficients that the design allows, with 95 % intervals from resampled items.

    ICC(1,1) and ICC(1,k) always, for items rated twice or more; k is then the mean number of
    ratings an item (as the analysis of variance of unequal groups has it). The two-way ones only
    where every rater rated every item. Sources: Shrout & Fleiss 1979; Donner 1986 (unequal k).
    """
    compared = ratings.compared()
    _, item, n = np.unique(compared.item, return_inverse=True, return_counts=True)
    centred = compared.value - (compared.value.mean() if len(item) else 0.0)
    total = sums(item, centred, len(n))
    within = np.bincount(item, centred**2, len(n)) - total**2 / np.maximum(n, 1)
    size = n.astype(np.float64)
    matrix = compared.matrix() if len(n) else None

    def estimate(name: str) -> Estimate:
        if name in ONE_WAY or matrix is None:
            one_way = partial(_one_way, size, total, within, name=name)
            return over_items(one_way, len(n), n_resamples=n_resamples, seed=seed)
        two_way = partial(_two_way, matrix, name=name)
        cost = matrix.size
        return over_items(two_way, len(n), n_resamples=n_resamples, cost=cost, seed=seed)

    complete = matrix is not None and min(matrix.shape) > 1
    names = (*ONE_WAY, *TWO_WAY) if complete else ONE_WAY
    return {name: estimate(name) for name in names} if len(n) else {}


def _two_way(matrix: Floats, weight: Floats, *, name: str) -> float:
    return _six(_squares(matrix, weight))[name]


def _one_way(n: Floats, total: Floats, within: Floats, weight: Floats, *, name: str) -> float:
    n_items, n_ratings = weight.sum(), weighted_sum(weight, n)
    if n_items < 2 or n_ratings <= n_items:
        return float("nan")
    between = weighted_sum(weight, total**2 / n) - weighted_sum(weight, total) ** 2 / n_ratings
    mean_between = between / (n_items - 1)
    mean_within = weighted_sum(weight, within) / (n_ratings - n_items)
    k = (n_ratings - weighted_sum(weight, n**2) / n_ratings) / (n_items - 1)
    n_raters = k if name == "ICC(1,1)" else 1.0
    return _ratio(mean_between - mean_within, mean_between + (n_raters - 1) * mean_within)


def _squares(matrix: Floats, weight: Floats) -> _Squares:
    n, k = float(weight.sum()), matrix.shape[1]
    by_item, by_rater = matrix.mean(axis=1), np.einsum("i,ij->j", weight, matrix) / n
    mean = float(by_rater.mean())
    items = k * weighted_sum(weight, (by_item - mean) ** 2)
    raters = n * float(((by_rater - mean) ** 2).sum())
    within = weighted_sum(weight, ((matrix - by_item[:, None]) ** 2).sum(axis=1))
    freedom = max(n - 1, 1)
    return _Squares(
        n=n,
        k=k,
        between_items=items / freedom,
        between_raters=raters / (k - 1),
        within_items=within / (n * (k - 1)),
        residual=(within - raters) / (freedom * (k - 1)),
    )


def _six(s: _Squares) -> dict[str, float]:
    k, n = s.k, s.n
    bias = s.between_raters - s.residual
    apart = s.between_items - s.residual
    return {
        "ICC(1,1)": _ratio(
            s.between_items - s.within_items, s.between_items + (k - 1) * s.within_items
        ),
        "ICC(1,k)": _ratio(s.between_items - s.within_items, s.between_items),
        "ICC(2,1)": _ratio(apart, s.between_items + (k - 1) * s.residual + k * bias / n),
        "ICC(2,k)": _ratio(apart, s.between_items + bias / n),
        "ICC(3,1)": _ratio(apart, s.between_items + (k - 1) * s.residual),
        "ICC(3,k)": _ratio(apart, s.between_items),
    }


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else float("nan")

"""Cohen's and Fleiss' kappa: agreement on classes beyond what the raters' habits would give."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labels.bootstrap import Estimate, over_items, weighted_sum
from labels.ratings import Floats, Ratings

Weighting = Literal["none", "linear", "quadratic"]


def cohen_kappa(one: ArrayLike, other: ArrayLike, weighting: Weighting = "none") -> float:
    """Kappa of two raters' answers (n_items,); NaN marks an item that one of them left out.

    `weighting` counts disagreements by their distance in the order of the values used. NaN where
    they share no item or both always say the same one thing.
    Sources: Cohen 1960; Cohen 1968 (weighted).
    """
    a, b = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"two raters' answers must be equally long, not {a.shape} and {b.shape}")
    both = np.isfinite(a) & np.isfinite(b)
    values, at = np.unique(np.concatenate([a[both], b[both]]), return_inverse=True)
    k = len(values)
    table = np.zeros((k, k))
    np.add.at(table, (at[: both.sum()], at[both.sum() :]), 1.0)
    return kappa_of_table(table, weighting)


def kappa_of_table(table: ArrayLike, weighting: Weighting = "none") -> float:
    """Cohen's kappa of a cross table (k, k): how often one said row while the other said column."""
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"a cross table must be square, not of shape {counts.shape}")
    distance = np.abs(np.subtract.outer(np.arange(len(counts)), np.arange(len(counts))))
    if weighting == "none":
        cost = (distance > 0).astype(float)
    elif weighting in ("linear", "quadratic"):
        cost = distance.astype(float) ** (1 if weighting == "linear" else 2)
    else:
        raise ValueError(f"weighting {weighting!r} is not one of none, linear, quadratic")
    n = counts.sum()
    by_chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(n, 1)
    expected = (cost * by_chance).sum()
    return float(1 - (cost * counts).sum() / expected) if expected > 0 else float("nan")


def fleiss_kappa(counts: ArrayLike, weight: Floats | None = None) -> float:
    """Kappa of many raters from how many gave each class to each item, (n_items, k).

    Items with fewer than two ratings are left out. Where items have unequally many, each item
    counts alike and the classes' shares are those of all ratings. `weight` (n_items,) says how
    often an item counts. NaN where one class got everything. Source: Fleiss 1971.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"counts must be (n_items, k), not of shape {table.shape}")
    n = table.sum(axis=1)
    often = np.ones(len(table)) if weight is None else np.asarray(weight, dtype=np.float64)
    often = np.where(n > 1, often, 0.0)
    if not often.sum() > 0:
        return float("nan")
    agreeing = ((table**2).sum(axis=1) - n) / np.maximum(n * (n - 1), 1)
    share = np.einsum("i,ij->j", often, table)
    by_chance = ((share / share.sum()) ** 2).sum()
    if by_chance >= 1:
        return float("nan")
    return float((weighted_sum(often, agreeing) / often.sum() - by_chance) / (1 - by_chance))


def fleiss(ratings: Ratings, *, n_resamples: int | None = None, seed: int = 0) -> Estimate:
    """Fleiss' kappa of ratings as classes, with a 95 % interval from resampled items."""
    counts = class_counts(ratings)
    return over_items(
        lambda weight: fleiss_kappa(counts, weight),
        len(counts),
        n_resamples=n_resamples,
        cost=counts.size,
        seed=seed,
    )


def class_counts(ratings: Ratings) -> NDArray[np.float64]:
    """(items rated twice or more, values used): how many gave the item the value."""
    compared = ratings.compared()
    _, item = np.unique(compared.item, return_inverse=True)
    values, at = np.unique(compared.value, return_inverse=True)
    n_items = int(item.max()) + 1 if len(item) else 0
    width = max(len(values), 1)
    cells = np.bincount(item * width + at, minlength=n_items * width)
    return cells.reshape(n_items, width).astype(np.float64)

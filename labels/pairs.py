"""Raters two by two: how often they agree on what both rated, and Cohen's kappa of each pair."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from labels.bootstrap import Estimate, over_items, weighted_sum
from labels.ratings import Floats, Ints, Ratings, sums

MIN_SHARED = 10
"""Items two raters must share before their kappa says anything."""
MAX_PAIRINGS = 4_000_000
"""Pairs of ratings looked at; beyond, items are drawn at random (of one item, 200 ratings)."""
_MAX_IN_ITEM = 200


@dataclass(frozen=True)
class Pairings:
    """Pairs of ratings of the same item: rater `one` said `said` where rater `other` (the larger
    index) said `heard`. All (n_pairings,); values are indices. `sampled`: not all of them."""

    one: Ints
    other: Ints
    said: Ints
    heard: Ints
    n_values: int
    sampled: bool


def pairwise_agreement(
    ratings: Ratings, *, n_resamples: int | None = None, seed: int = 0
) -> Estimate:
    """The share of all pairs of ratings of one item that are equal, with a 95 % interval."""
    compared = ratings.compared()
    _, item, n = np.unique(compared.item, return_inverse=True, return_counts=True)
    values, at = np.unique(compared.value, return_inverse=True)
    cell, count = np.unique(item * max(len(values), 1) + at, return_counts=True)
    n_equal = (count * (count - 1)).astype(np.float64)
    equal = sums(cell // max(len(values), 1), n_equal, len(n))
    pairs = (n * (n - 1)).astype(np.float64)
    if not len(n):
        return Estimate(float("nan"), float("nan"), float("nan"))
    return over_items(
        lambda weight: weighted_sum(weight, equal) / weighted_sum(weight, pairs),
        len(n),
        n_resamples=n_resamples,
        seed=seed,
    )


def pair_table(ratings: Ratings, *, min_shared: int = MIN_SHARED, seed: int = 0) -> pd.DataFrame:
    """A row a pair of raters who share `min_shared` items or more.

    Columns: `one`, `other` (names), `n_shared`, `agreement` (share of equal answers), `kappa`
    (Cohen's; NaN where both always said the same one thing). Ordered by the raters' places.
    Beyond 4 million pairs of ratings a random part of the items is looked at
    (`attrs["sampled"]` says so). Source: Cohen 1960.
    """
    found = pairings(ratings, seed=seed)
    width = len(ratings.raters)
    pairs, at, n = np.unique(
        found.one * width + found.other, return_inverse=True, return_counts=True
    )
    kept = n >= min_shared
    renumbered = np.where(kept, np.cumsum(kept) - 1, -1)
    place = renumbered[at]
    counted = place >= 0
    place, pairs, n = place[counted], pairs[kept], n[kept]
    said, heard = found.said[counted], found.heard[counted]
    agreement = np.bincount(place, said == heard, len(pairs)) / np.maximum(n, 1)
    chance = _chance(place, said, heard, found.n_values, len(pairs)) / np.maximum(n, 1) ** 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa = np.where(chance < 1, (agreement - chance) / (1 - chance), np.nan)
    names = np.array(ratings.raters, dtype=object)
    table = pd.DataFrame(
        {
            "one": names[pairs // max(width, 1)],
            "other": names[pairs % max(width, 1)],
            "n_shared": n,
            "agreement": agreement,
            "kappa": kappa,
        }
    )
    table.attrs["sampled"] = found.sampled
    return table


def pairings(ratings: Ratings, *, seed: int = 0) -> Pairings:
    """Every pair of ratings of one item, or a random part where that were too many."""
    item, rater, at, sampled = _bounded(ratings.compared(), seed)
    values = int(at.max()) + 1 if len(at) else 0
    first = np.flatnonzero(np.append(True, item[1:] != item[:-1])) if len(item) else item
    size = np.diff(np.append(first, len(item)))
    ones, others = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for n in np.unique(size):
        a, b = np.triu_indices(int(n), 1)
        starts = first[size == n][:, None]
        ones.append((starts + a).ravel())
        others.append((starts + b).ravel())
    one, other = np.concatenate(ones), np.concatenate(others)
    return Pairings(rater[one], rater[other], at[one], at[other], values, sampled)


def _bounded(ratings: Ratings, seed: int) -> tuple[Ints, Ints, Ints, bool]:
    """item, rater, value index of ratings whose pairs are few enough, in the ratings' order."""
    _, at = np.unique(ratings.value, return_inverse=True)
    n = ratings.per_item()
    capped = np.minimum(n, _MAX_IN_ITEM)
    if (capped * (capped - 1) // 2).sum() <= MAX_PAIRINGS and n.max(initial=0) <= _MAX_IN_ITEM:
        return ratings.item, ratings.rater, at, False
    rng = np.random.default_rng(seed)
    order = rng.permutation(ratings.n_items)
    spent = np.cumsum((capped * (capped - 1) // 2)[order])
    chosen = np.zeros(ratings.n_items, dtype=bool)
    chosen[order[spent <= MAX_PAIRINGS]] = True
    drawn = np.lexsort((rng.random(len(ratings.item)), ratings.item))
    rank = np.arange(len(drawn)) - np.searchsorted(ratings.item, ratings.item[drawn])
    kept = np.sort(drawn[(rank < _MAX_IN_ITEM) & chosen[ratings.item[drawn]]])
    return ratings.item[kept], ratings.rater[kept], at[kept], True


def _chance(place: Ints, said: Ints, heard: Ints, n_values: int, n_pairs: int) -> Floats:
    """(n_pairs,) sum over values of how often one said it times how often the other did."""
    one, n_one = np.unique(place * max(n_values, 1) + said, return_counts=True)
    other, n_other = np.unique(place * max(n_values, 1) + heard, return_counts=True)
    both, i, j = np.intersect1d(one, other, assume_unique=True, return_indices=True)
    by_chance = (n_one[i] * n_other[j]).astype(np.float64)
    return sums(both // max(n_values, 1), by_chance, n_pairs)

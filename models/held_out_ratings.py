"""Which model of raters to believe: the one that foretells ratings it has not seen."""

from dataclasses import dataclass

import numpy as np

from labels.ratings import Floats, Ints, Ratings
from models.rater_fit import fit
from models.rater_model import KINDS

N_FOLDS = 5
MOST_RATINGS = 100_000
"""Ratings beyond which a random part of the items is judge enough."""
CLEAR_ERRORS = 2.0
"""Standard errors by which a richer model must be better than a simpler one."""
Z_90 = 1.6448536269514722


@dataclass(frozen=True)
class Evidence:
    """`kind` is believed; `rmse` by kind is how far held-out ratings lie from its items' values.

    `gain` is by how much the squared error is below the plain mean's, `gain_error` the standard
    error of that, `covered` the share of held-out ratings inside the kind's 90 % interval. With
    `n_ratings` 0 nothing could be held out: no item has two ratings.
    """

    kind: str
    rmse: dict[str, float]
    gain: float
    gain_error: float
    covered: float
    n_ratings: int


@dataclass(frozen=True)
class _Foretold:
    item: Ints
    weight: Floats
    squares: dict[str, Floats]
    inside: dict[str, Floats]


def weigh(ratings: Ratings, *, resolution: float | None = None, seed: int = 0) -> Evidence:
    """The simplest kind of model that no richer one clearly beats on held-out ratings.

    A fifth of each item's ratings is held out in turn, and an item's value is judged by the plain
    squared distance to what others said of it, as it stands: a model gains nothing by knowing
    the rater who is held out, only by knowing the item better. Items count as often as they are
    rated, and ratings as much as their rater listens; the standard error is that of items.
    """
    seen = _foretell(_part(ratings, seed), resolution, seed)
    if not seen.weight.any():
        return Evidence(KINDS[0], {}, 0.0, 0.0, float("nan"), 0)
    best = KINDS[0]
    for kind in KINDS[1:]:
        gain, error = _difference(seen, best, kind)
        if gain > CLEAR_ERRORS * error:
            best = kind
    gain, error = _difference(seen, KINDS[0], best)
    rmse = {
        kind: float(np.sqrt(np.average(square, weights=seen.weight)))
        for kind, square in seen.squares.items()
    }
    return Evidence(best, rmse, gain, error, float(seen.inside[best].mean()), len(seen.item))


def _part(ratings: Ratings, seed: int) -> Ratings:
    if len(ratings.item) <= MOST_RATINGS:
        return ratings
    share = MOST_RATINGS / len(ratings.item)
    chosen = np.random.default_rng(seed).random(ratings.n_items) < share
    return _where(ratings, chosen[ratings.item])


def _foretell(ratings: Ratings, resolution: float | None, seed: int) -> _Foretold:
    fold = _folds(ratings, seed)
    items: list[Ints] = []
    weights: list[Floats] = []
    squares: dict[str, list[Floats]] = {kind: [] for kind in KINDS}
    inside: dict[str, list[Floats]] = {kind: [] for kind in KINDS}
    for held in range(N_FOLDS):
        rest = _where(ratings, fold != held)
        out = fold == held
        out &= (rest.per_item() > 0)[ratings.item]  # what is left must say something
        if not out.any() or not np.any(rest.per_item() > 1):
            continue
        item, value = ratings.item[out], ratings.value[out]
        items.append(item)
        for kind in KINDS:
            model = fit(rest, kind, resolution=resolution)
            mean, variance = model.of_a_rating(rest)
            miss = value - mean[item]
            squares[kind].append(miss**2)
            inside[kind].append((np.abs(miss) <= Z_90 * np.sqrt(variance[item])).astype(float))
        weights.append(model.heard[ratings.rater[out]])  # of the richest kind
    if not items:
        return _Foretold(np.empty(0, dtype=np.int64), np.empty(0), {}, {})
    return _Foretold(
        np.concatenate(items),
        np.concatenate(weights),
        {kind: np.concatenate(parts) for kind, parts in squares.items()},
        {kind: np.concatenate(parts) for kind, parts in inside.items()},
    )


def _folds(ratings: Ratings, seed: int) -> Ints:
    """(n_ratings,) a fold each; an item's ratings go to different folds as far as they can."""
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(ratings.item)), ratings.item))
    first = np.concatenate([[0], np.cumsum(ratings.per_item())])[:-1]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - first[ratings.item[order]]
    return (rank + rng.integers(0, N_FOLDS, ratings.n_items)[ratings.item]) % N_FOLDS


def _where(ratings: Ratings, kept: np.ndarray) -> Ratings:
    return Ratings(
        ratings.n_items,
        ratings.raters,
        ratings.item[kept],
        ratings.rater[kept],
        ratings.value[kept],
    )


def _difference(seen: _Foretold, simple: str, rich: str) -> tuple[float, float]:
    """By how much `rich` misses less, in squares a rating, and the standard error over items."""
    gain = seen.weight * (seen.squares[simple] - seen.squares[rich])
    total = float(seen.weight.sum())
    mean = float(gain.sum()) / total
    left = np.bincount(seen.item, gain) - mean * np.bincount(seen.item, seen.weight)
    return mean, float(np.sqrt((left**2).sum())) / total

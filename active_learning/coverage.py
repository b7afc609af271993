"""Clips that stand for the pool between them: the start, when a model knows nothing."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Floats, Ints, Picks, as_pool, batch_size
from active_learning.space import Points, Scale, labelled

_SAMPLE = 4_000


def coverage(
    estimator: Any,
    X_pool: ArrayLike,
    n_instances: int = 1,
    *,
    seed: int = 0,
    prior: ArrayLike | None = None,
) -> Picks:
    """Each pick adds most to how well every clip is stood for by its likest clip heard.

    Likeness is exp(-d^2 / m), d the distance on standardised features and m the median d^2; the
    score is the mean gain over the pool (facility location, picked greedily). `prior` (n, k) are
    soft labels, where weak labels are had: every emotion then counts alike, however few clips
    seem to show it. Beyond 4,000 clips a seeded sample of them stands for the pool.
    Source: Wei, Iyer & Bilmes 2015, Submodularity in Data Subset Selection and Active Learning.
    """
    pool = as_pool(X_pool)
    n = batch_size(n_instances, len(pool))
    scale, taught = Scale.of(pool), labelled(estimator)
    rng = np.random.default_rng(seed)
    rows = np.arange(len(pool))
    if len(pool) > max(_SAMPLE, n):
        rows = np.sort(rng.choice(len(pool), max(_SAMPLE, n), replace=False))
    points = scale.onto(pool[rows])
    heard = np.empty((0, points.shape[1]), np.float32) if taught is None else scale.onto(taught)
    weight = np.full(len(rows), 1 / len(rows)) if prior is None else _balanced(prior, rows)
    chosen, scores = _greedy(points, heard, weight, n, rng.permutation(len(rows)))
    return Picks(rows[chosen].astype(np.int64), scores)


def _balanced(prior: ArrayLike, rows: Ints) -> Floats:
    """Weights (n,) that add up to 1 and give every class of the soft labels the same share."""
    proba = np.asarray(prior, dtype=np.float64)[rows]
    mass = proba.sum(axis=0)
    weight: Floats = (proba[:, mass > 0] / mass[mass > 0]).sum(axis=1)
    share: Floats = weight / weight.sum()
    return share


def _greedy(
    points: Points, heard: Points, weight: Floats, n: int, order: Ints
) -> tuple[Ints, Floats]:
    squared = _squared(points, points)
    # Copies are no distance from one another and say nothing of how wide the pool is.
    apart = squared[squared > 1e-6]
    width = float(np.median(apart)) if len(apart) else 1.0
    likeness = np.exp(-squared / width, dtype=np.float32)
    stood_for = np.zeros(len(points), dtype=np.float32)
    if len(heard):
        stood_for = np.exp(-_squared(points, heard).min(axis=1) / width, dtype=np.float32)
    share = weight.astype(np.float32)
    open_ = np.ones(len(points), dtype=bool)
    chosen, scores = np.empty(n, dtype=np.int64), np.empty(n)
    for i in range(n):
        gain = np.maximum(likeness - stood_for, 0) @ share
        gain = np.where(open_, np.round(gain.astype(np.float64), 7), -np.inf)
        best = int(order[np.argmax(gain[order])])
        chosen[i], scores[i], open_[best] = best, gain[best], False
        stood_for = np.maximum(stood_for, likeness[best])
    return chosen, scores


def _squared(points: Points, places: Points) -> Points:
    lengths = (points**2).sum(axis=1)[:, None] + (places**2).sum(axis=1)
    squared: Points = np.maximum(lengths - 2 * (points @ places.T), 0)
    return squared

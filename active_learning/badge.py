"""Clips that would move the model most, and in different ways."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Floats, Ints, Picks, as_pool, batch_size, top
from active_learning.space import Points, embedded, standardised
from active_learning.uncertainty import margin_doubt, probabilities

_CANDIDATES = 20_000


def badge(estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0) -> Picks:
    """k-means++ seeding on the gradients that the likeliest label would cause in the last layer.

    The gradient of a clip is (p - the likeliest class's indicator) times its embedding (the
    model's own, else the standardised features); its length stands for doubt, its direction for
    kind. The score is the distance to the picks before. At random while nothing is learnt; from
    the 20,000 clips of smallest margin in bigger pools. Source: Ash et al. 2020, Deep Batch
    Active Learning by Diverse, Uncertain Gradient Lower Bounds.
    """
    pool = as_pool(X_pool)
    n = batch_size(n_instances, len(pool))
    proba = probabilities(estimator, pool)
    if proba is None or proba.shape[1] < 2:
        return top(np.zeros(len(pool)), n, seed)
    rows = np.arange(len(pool))
    if len(pool) > _CANDIDATES:
        rows = top(margin_doubt(proba), max(_CANDIDATES, n), seed).indices
    own = embedded(estimator, pool[rows])
    points = standardised(pool[rows])[0] if own is None else own
    # By place, not by row: the order of the pool must not decide.
    rows_by_place = np.lexsort(points[:, :8].T)
    rows, points = rows[rows_by_place], points[rows_by_place]
    gradient = proba[rows].copy()
    gradient[np.arange(len(rows)), gradient.argmax(axis=1)] -= 1
    chosen, scores = _seeds(gradient, points, n, seed)
    return Picks(rows[chosen].astype(np.int64), scores)


def _seeds(gradient: Floats, points: Points, n: int, seed: int) -> tuple[Ints, Floats]:
    """k-means++ on the outer products (n, k x d), which are never written out."""
    rng = np.random.default_rng(seed)
    features = np.concatenate([points.astype(np.float64), np.ones((len(points), 1))], axis=1)
    length = np.square(gradient).sum(axis=1) * np.square(features).sum(axis=1)
    open_ = np.ones(len(points), dtype=bool)
    away = length.copy()
    chosen: list[int] = []
    scores: list[float] = []
    for _ in range(n):
        chance = np.where(open_, away, 0.0)
        if chance.sum() <= 0:
            chance = open_.astype(np.float64)
        best = (
            int(np.argmax(chance))
            if not chosen
            else int(rng.choice(len(chance), p=chance / chance.sum()))
        )
        chosen.append(best)
        scores.append(float(np.sqrt(away[best])))
        open_[best] = False
        inner = (gradient @ gradient[best]) * (features @ features[best])
        squared = np.maximum(length - 2 * inner + length[best], 0)
        away = squared if len(chosen) == 1 else np.minimum(away, squared)
    return np.array(chosen, dtype=np.int64), np.array(scores)

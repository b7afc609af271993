"""Clips far from all that was heard, so that none of the pool is left far from a label."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Picks, as_pool, batch_size
from active_learning.space import embedded, labelled, nearest, standardised


def core_set(estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0) -> Picks:
    """Greedy k-centre: each pick is the clip farthest from its nearest clip heard or picked.

    In the model's embedding where it has one, else on standardised features; the score is that
    distance. Without labels it starts at the clip nearest the middle.
    Source: Sener & Savarese 2018, Active Learning for Convolutional Neural Networks.
    """
    pool = as_pool(X_pool)
    n = batch_size(n_instances, len(pool))
    taught = labelled(estimator)
    own = embedded(estimator, pool)
    if own is None:
        points, heard = standardised(pool, taught)
    else:
        told = None if taught is None else embedded(estimator, taught)
        points, heard = own, own[:0] if told is None else told
    away = nearest(points, heard)[1]
    order = np.random.default_rng(seed).permutation(len(points))
    chosen: list[int] = []
    scores: list[float] = []
    for _ in range(n):
        if not chosen and not len(heard):
            middle = np.linalg.norm(points - points.mean(axis=0), axis=1)
            best = int(order[np.argmin(middle[order])])
            scores.append(0.0)
        else:
            best = int(order[np.argmax(away[order])])
            scores.append(float(away[best]))
        chosen.append(best)
        away = np.minimum(away, nearest(points, points[best : best + 1])[1])
        away[chosen] = -np.inf
    return Picks(np.array(chosen, dtype=np.int64), np.array(scores))

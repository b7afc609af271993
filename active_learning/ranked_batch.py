"""modAL's ranked batch: unsure clips, far from what is labelled and from one another."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import pairwise_distances_argmin_min
from sklearn.metrics.pairwise import euclidean_distances

from active_learning.picks import Floats, Picks, as_pool, batch_size
from active_learning.space import filled, labelled
from active_learning.uncertainty import least_confidence_doubt, probabilities

_EXACT_START = 5_000


def ranked_batch(
    estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0
) -> Picks:
    """The picks of `modAL.batch.uncertainty_batch_sampling`, with distances kept up, not redone.

    Each pick is the highest alpha (1 - 1 / (1 + d)) + (1 - alpha) u: d the Euclidean distance to
    the nearest clip labelled or picked, u 1 - the largest probability, alpha the share of clips
    that are not labelled. Without labels it starts at the clip that is nearest to all others (a
    seeded sample of them in pools beyond 5,000). Source: Cardoso et al. 2017, Ranked batch-mode
    active learning.
    """
    pool = filled(as_pool(X_pool))
    n = batch_size(n_instances, len(pool))
    proba = probabilities(estimator, np.asarray(X_pool, dtype=np.float64))
    doubt = np.ones(len(pool)) if proba is None else least_confidence_doubt(proba)
    taught = labelled(estimator)
    chosen: list[int] = []
    scores: list[float] = []
    lengths = np.einsum("ij,ij->i", pool, pool)
    if taught is None:
        n_taught = 0
        distance = np.full(len(pool), np.inf)
        chosen.append(_central(pool, seed))
        scores.append(1.0)
        distance = _closer(distance, pool, lengths, chosen[-1])
    else:
        n_taught = len(taught)
        distance = pairwise_distances_argmin_min(pool, filled(taught), metric="euclidean")[1]
    open_ = np.ones(len(pool), dtype=bool)
    open_[chosen] = False
    while len(chosen) < n:
        n_open = len(pool) - len(chosen)
        alpha = n_open / (n_open + n_taught + len(chosen))
        worth = alpha * (1 - 1 / (1 + distance)) + (1 - alpha) * doubt
        best = int(np.argmax(np.where(open_, worth, -np.inf)))
        chosen.append(best)
        scores.append(float(worth[best]))
        open_[best] = False
        distance = _closer(distance, pool, lengths, best)
    return Picks(np.array(chosen, dtype=np.int64), np.array(scores))


def _closer(distance: Floats, pool: Floats, lengths: Floats, pick: int) -> Floats:
    squared = lengths - 2 * (pool @ pool[pick]) + lengths[pick]
    closer: Floats = np.minimum(distance, np.sqrt(np.maximum(squared, 0)))
    return closer


def _central(pool: Floats, seed: int) -> int:
    others = pool
    if len(pool) > _EXACT_START:
        drawn = np.random.default_rng(seed).choice(len(pool), _EXACT_START, replace=False)
        others = pool[drawn]
    total = np.zeros(len(pool))
    for start in range(0, len(others), 500):
        total += euclidean_distances(others[start : start + 500], pool).sum(axis=0)
    return int(np.argmin(total))

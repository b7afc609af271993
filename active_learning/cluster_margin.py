"""Unsure clips, as many of a kind apart as there are picks."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.cluster import AgglomerativeClustering

from active_learning.picks import Floats, Ints, Picks, as_pool, batch_size, top
from active_learning.space import Points, regions, standardised
from active_learning.uncertainty import margin_doubt, probabilities

_LINKED = 4_000


def cluster_margin(
    estimator: Any,
    X_pool: ArrayLike,
    n_instances: int = 1,
    *,
    seed: int = 0,
    n_candidates_per_pick: float = 5.0,
) -> Picks:
    """From the clips of smallest margin, clusters in turn, the smallest first.

    The `n_candidates_per_pick` x n_instances most doubtful clips are clustered (average linkage
    on standardised features; k-means beyond 4,000) into as many clusters as picks; each round
    takes from every cluster, smallest first, its most doubtful clip. Clustering the candidates
    and not the pool keeps the cost apart from the pool's size. At random while nothing is learnt.
    Source: Citovsky et al. 2021, Batch Active Learning at Scale.
    """
    pool = as_pool(X_pool)
    n = batch_size(n_instances, len(pool))
    proba = probabilities(estimator, pool)
    if proba is None:
        return top(np.zeros(len(pool)), n, seed)
    doubt = margin_doubt(proba)
    candidates = top(doubt, max(n, round(n * n_candidates_per_pick)), seed).indices
    points, _ = standardised(pool[candidates])
    cluster = _clusters(points, n, seed)
    chosen = candidates[_in_turn(cluster, doubt[candidates], n)]
    return Picks(chosen, doubt[chosen])


def _clusters(points: Points, n_clusters: int, seed: int) -> Ints:
    if n_clusters >= len(points):
        return np.arange(len(points))
    if n_clusters == 1:
        return np.zeros(len(points), dtype=np.int64)
    if len(points) > _LINKED:
        return regions(points, n_clusters, seed)[1]
    linked = AgglomerativeClustering(n_clusters, linkage="average").fit_predict(points)
    return np.asarray(linked, dtype=np.int64)


def _in_turn(cluster: Ints, doubt: Floats, n: int) -> Ints:
    """Which n rows: the k-th most doubtful of every cluster, for k = 0, 1, …, small ones first."""
    size = np.bincount(cluster)
    by_doubt = np.lexsort((-doubt, cluster))
    starts = np.concatenate([[0], np.cumsum(size)[:-1]])
    turn = np.empty(len(cluster), dtype=np.int64)
    turn[by_doubt] = np.arange(len(cluster)) - np.repeat(starts, size)
    return np.lexsort((-doubt, size[cluster], turn))[:n]

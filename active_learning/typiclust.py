"""Typical clips of regions that nothing was heard from."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.neighbors import NearestNeighbors

from active_learning.picks import Floats, Ints, Picks, as_pool, batch_size
from active_learning.space import Points, labelled, nearest, regions, standardised

_NEIGHBOURS = 20
_LARGEST = 5_000


def typiclust(estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0) -> Picks:
    """The most typical clip of each region that has no labelled clip, largest region first.

    Pool and labelled clips are cut (k-means) into as many regions as there are labels and picks;
    should too few be unheard, heard ones follow. A clip is typical that is near its 20 nearest of
    its region (near the centre, in regions beyond 5,000). The score is the region's share of the
    pool. Source: Hacohen, Dekel & Weinshall 2022, Active Learning on a Budget (TypiClust).
    """
    pool = as_pool(X_pool)
    n = batch_size(n_instances, len(pool))
    points, heard = standardised(pool, labelled(estimator))
    centres, region = regions(np.concatenate([points, heard]), n + len(heard), seed)
    region, heard_region = region[: len(pool)], region[len(pool) :]
    size = np.bincount(region, minlength=len(centres))
    is_heard = np.bincount(heard_region, minlength=len(centres)) > 0
    distance = _untypical(points, region, centres)
    # The k-th most typical of every region in turn; unheard regions before heard, large first.
    by_distance = np.lexsort((distance, region))
    starts = np.concatenate([[0], np.cumsum(size)[:-1]])
    turn = np.empty(len(pool), dtype=np.int64)
    turn[by_distance] = np.arange(len(pool)) - np.repeat(starts, size)
    # Among equals by place, not by row: the order of the pool must not decide.
    keys = (points[:, 0], distance, -size[region], is_heard[region], turn)
    chosen = np.lexsort(keys)[:n].astype(np.int64)
    return Picks(chosen, size[region[chosen]] / len(pool))


def _untypical(points: Points, region: Ints, centres: Points) -> Floats:
    """Mean distance (n,) to the nearest of one's own region."""
    away: Floats = np.asarray(np.linalg.norm(points - centres[region], axis=1), dtype=np.float64)
    for one in range(len(centres)):
        rows = np.flatnonzero(region == one)
        if 2 < len(rows) <= _LARGEST:
            near = NearestNeighbors(n_neighbors=min(_NEIGHBOURS + 1, len(rows))).fit(points[rows])
            away[rows] = near.kneighbors(points[rows])[0][:, 1:].mean(axis=1)
    return np.asarray(away)


def share_nearest(pool: ArrayLike, indices: ArrayLike) -> Floats:
    """For each pick (n,), the share of the pool that lies nearer to it than to any other pick."""
    points, _ = standardised(as_pool(pool))
    at, _ = nearest(points, points[np.asarray(indices)])
    n_nearest = np.bincount(at, minlength=len(np.asarray(indices)))
    share: Floats = np.asarray(n_nearest / len(points), dtype=np.float64)
    return share

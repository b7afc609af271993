"""Typical clips of regions that nothing was heard from: the start, when a model knows nothing."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Picks, as_pool, batch_size
from active_learning.space import labelled, nearest, regions, standardised


def typical(estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0) -> Picks:
    """The clip nearest the centre of each region that has no labelled clip, largest region first.

    The pool and the labelled clips are cut into as many regions as there are labels and picks;
    should too few be unheard, heard ones follow. The score is the share of the pool that lies in
    the region. Source: Hacohen, Dekel & Weinshall 2022, Active Learning on a Budget (TypiClust),
    with closeness to the centre for typicality.
    """
    pool = as_pool(X_pool)
    n = batch_size(n_instances, len(pool))
    taught = labelled(estimator)
    points, heard = standardised(pool, taught)
    centres, region = regions(np.concatenate([points, heard]), n + len(heard), seed)
    region, heard_region = region[: len(pool)], region[len(pool) :]
    distance = np.linalg.norm(points - centres[region], axis=1)
    size = np.bincount(region, minlength=len(centres))
    is_heard = np.bincount(heard_region, minlength=len(centres)) > 0
    # The k-th nearest of every region in turn; unheard regions before heard, large before small.
    by_distance = np.lexsort((distance, region))
    starts = np.concatenate([[0], np.cumsum(size)[:-1]])
    turn = np.empty(len(pool), dtype=np.int64)
    turn[by_distance] = np.arange(len(pool)) - np.repeat(starts, size)
    # Among equals by place, not by row: the order of the pool must not decide.
    keys = (points[:, 0], distance, -size[region], is_heard[region], turn)
    chosen = np.lexsort(keys)[:n].astype(np.int64)
    return Picks(chosen, size[region[chosen]] / len(pool))


def share_nearest(pool: ArrayLike, indices: ArrayLike) -> np.ndarray[Any, np.dtype[np.float64]]:
    """For each pick (n,), the share of the pool that lies nearer to it than to any other pick."""
    points, _ = standardised(as_pool(pool))
    at, _ = nearest(points, points[np.asarray(indices)])
    return np.bincount(at, minlength=len(np.asarray(indices))) / len(points)

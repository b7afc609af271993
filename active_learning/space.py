"""Where clips lie to one another: the space in which a batch is to be diverse."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.cluster import KMeans, MiniBatchKMeans

from active_learning.picks import Floats, Ints

Points = NDArray[np.float32]

_SAMPLE = 20_000
_CLIP = 4.0
_ORDERED_BY = 8
_CHUNK = 20_000
_MANY = 100_000


def filled(table: ArrayLike) -> Floats:
    """(n, d) with what is not known put at its column's median (0 where nothing is known)."""
    values = np.asarray(table, dtype=np.float64)
    bad = ~np.isfinite(values)
    if not bad.any():
        return values
    values = np.where(bad, np.nan, values)
    known = ~bad.all(axis=0)
    medians = np.zeros(values.shape[1])
    medians[known] = np.nanmedian(values[:, known], axis=0)
    return np.where(bad, medians, values)


def labelled(estimator: Any) -> Floats | None:
    """The features a modAL learner was taught (m, d), or None."""
    taught = getattr(estimator, "X_training", None)
    return None if taught is None or not len(taught) else np.asarray(taught, dtype=np.float64)


@dataclass(frozen=True)
class Scale:
    """A pool's centre and spread, column by column (d,); a column that never varies is left out."""

    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, pool: Floats) -> "Scale":
        """From a pool (n, d), a big one by evenly spaced rows; what is not known counts nothing."""
        values = np.asarray(pool[thinned(len(pool))], dtype=np.float64)
        known = np.isfinite(values)
        n = np.maximum(known.sum(axis=0), 1)
        centre = np.where(known, values, 0.0).sum(axis=0) / n
        away = np.where(known, values - centre, 0.0)
        spread = np.sqrt(np.square(away).sum(axis=0) / n)
        return cls(centre, np.where(spread > 1e-12 * (1 + np.abs(centre)), spread, np.inf))

    def onto(self, table: Floats) -> Points:
        """A table (n, d) in spreads from the centre, outliers held in; not known is the centre."""
        points: Points = np.subtract(table, self.centre.astype(table.dtype))
        with np.errstate(invalid="ignore"):
            points /= self.spread.astype(table.dtype)
        np.nan_to_num(points, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        np.clip(points, -_CLIP, _CLIP, out=points)
        return points.astype(np.float32, copy=False)


def thinned(n_rows: int) -> slice:
    """Evenly spaced rows of a big table, all rows of a small one."""
    return slice(None, None, 1 + n_rows // _MANY)


def standardised(pool: Floats, others: Floats | None = None) -> tuple[Points, Points]:
    """Pool (n, d) and others (m, d), each column on the pool's spread, outliers held in."""
    scale = Scale.of(pool)
    rest = np.empty((0, pool.shape[1])) if others is None else others
    return scale.onto(pool), scale.onto(rest)


def chunks(n_rows: int) -> Iterator[slice]:
    """Slices that cover the rows: a table of any size is read a part at a time."""
    for start in range(0, n_rows, _CHUNK):
        yield slice(start, min(start + _CHUNK, n_rows))


def embedded(estimator: Any, pool: Floats) -> Points | None:
    """The model's own embedding of the pool (n, e), or None where it has none."""
    model = getattr(estimator, "estimator", estimator)
    embed = getattr(model, "embed", None)
    return None if embed is None else np.asarray(embed(pool), dtype=np.float32)


def regions(points: Points, n_regions: int, seed: int) -> tuple[Points, Ints]:
    """k-means: centres (k, d) and the region of each point (n,), k at most the number of points.

    On a seeded sample where there are more than 20,000 points. The order of the points does not
    matter: the same pool read in another order is cut the same way.
    """
    rng = np.random.default_rng(seed)
    n = len(points)
    rows = np.lexsort(points[:, :_ORDERED_BY].T)
    sample = points[rows if n <= _SAMPLE else rows[rng.choice(n, _SAMPLE, replace=False)]]
    distinct = len(np.unique(sample, axis=0)) if n_regions > 1 else 1
    k = max(1, min(n_regions, distinct))
    if len(sample) * k > 2_000_000:
        fitted = MiniBatchKMeans(k, n_init=1, batch_size=4096, random_state=seed).fit(sample)
    else:
        fitted = KMeans(k, n_init=1, max_iter=50, random_state=seed).fit(sample)
    centres = np.asarray(fitted.cluster_centers_, dtype=np.float32)
    return centres, nearest(points, centres)[0]


def nearest(points: Points, places: Points) -> tuple[Ints, Floats]:
    """Of each point (n, d) the nearest place (index) and its distance; inf where there is none."""
    at, far = np.zeros(len(points), dtype=np.int64), np.full(len(points), np.inf)
    if not len(places):
        return at, far
    lengths = (places**2).sum(axis=1)
    step = max(1, 20_000_000 // max(len(places), 1))
    for start in range(0, len(points), step):
        part = points[start : start + step]
        squared = lengths - 2 * (part @ places.T)
        at[start : start + step] = squared.argmin(axis=1)
        least = squared.min(axis=1) + (part**2).sum(axis=1)
        far[start : start + step] = np.sqrt(np.maximum(least, 0))
    return at, far

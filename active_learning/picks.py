"""What a query strategy returns, and how scores become picks."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Picks(NamedTuple):
    """A batch: `indices` into the pool (n,), best first, and what each scored (n,), high = wanted.

    A pair, as modAL's own strategies return: its `ActiveLearner.query` unpacks whatever it gets,
    runs a strategy that returns bare indices twice, and takes two bare indices for a pair.
    """

    indices: Ints
    scores: Floats


class Strategy(Protocol):
    """A query strategy, of modAL's signature.

    `estimator` is a modAL learner, or anything with `predict_proba`; `X_pool` (n, d) features,
    NaN = not known. A pool smaller than `n_instances` is returned whole.
    """

    def __call__(
        self, estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0
    ) -> Picks: ...


def as_pool(pool: ArrayLike) -> Floats:
    """The pool as (n, d) float64, or float32 if it is that. Raises ValueError on another shape."""
    table: Floats = np.asarray(pool)
    if table.dtype not in (np.float32, np.float64):
        table = table.astype(np.float64)
    if table.ndim != 2:
        raise ValueError(f"the pool must be (n, d) features, not of shape {table.shape}")
    return table


def batch_size(n_instances: int, n_pool: int) -> int:
    """How many to pick. Raises ValueError when `n_instances` is below 1."""
    if n_instances < 1:
        raise ValueError(f"n_instances must be 1 or more, not {n_instances}")
    return min(int(n_instances), n_pool)


def top(scores: ArrayLike, n_instances: int, seed: int) -> Picks:
    """The highest scores, best first; equal scores in a seeded order."""
    values = np.asarray(scores, dtype=np.float64)
    n = batch_size(n_instances, len(values))
    order = np.lexsort((np.random.default_rng(seed).permutation(len(values)), -values))
    chosen = order[:n].astype(np.int64)
    return Picks(chosen, values[chosen])

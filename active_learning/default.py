"""What a round uses unless told otherwise: clips that stand for the pool, then those that teach."""

from typing import Any

from numpy.typing import ArrayLike

from active_learning.coverage import coverage
from active_learning.picks import Picks, as_pool
from active_learning.uncertainty import probabilities
from active_learning.variance_reduction import variance_reduction


def default(
    estimator: Any,
    X_pool: ArrayLike,
    n_instances: int = 1,
    *,
    seed: int = 0,
    prior: ArrayLike | None = None,
) -> Picks:
    """`coverage` while nothing is learnt (see `phase`), `variance_reduction` from then on.

    `prior` (n, k): soft labels of the pool, for the start. Why these two: docs/active-learning.md.
    """
    if phase(estimator, X_pool) == "coverage":
        return coverage(estimator, X_pool, n_instances, seed=seed, prior=prior)
    return variance_reduction(estimator, X_pool, n_instances, seed=seed)


def phase(estimator: Any, X_pool: ArrayLike) -> str:
    """Which strategy `default` uses now: "coverage" until a model tells two classes apart."""
    proba = probabilities(estimator, as_pool(X_pool)[:1])
    return "coverage" if proba is None or proba.shape[1] < 2 else "variance-reduction"

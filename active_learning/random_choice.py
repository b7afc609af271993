"""Clips drawn at random: the yardstick, and the only unbiased look at a pool."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Picks, as_pool, batch_size


def random_choice(
    estimator: Any,  # noqa: ARG001
    X_pool: ArrayLike,
    n_instances: int = 1,
    *,
    seed: int = 0,
) -> Picks:
    """`n_instances` of the pool, each as likely as any other; all score alike."""
    n_pool = len(as_pool(X_pool))
    n = batch_size(n_instances, n_pool)
    drawn = np.random.default_rng(seed).permutation(n_pool)[:n].astype(np.int64)
    return Picks(drawn, np.zeros(n))

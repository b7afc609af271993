"""Clips on which the two likeliest emotions are closest."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Picks, as_pool, top
from active_learning.uncertainty import margin_doubt, probabilities


def margin(estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0) -> Picks:
    """The `n_instances` of the highest `margin_doubt`; at random while nothing is learnt."""
    pool = as_pool(X_pool)
    proba = probabilities(estimator, pool)
    doubt = np.zeros(len(pool)) if proba is None else margin_doubt(proba)
    return top(doubt, n_instances, seed)

"""Clips on which the likeliest emotion is least likely."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Picks, as_pool, top
from active_learning.uncertainty import least_confidence_doubt, probabilities


def least_confidence(
    estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0
) -> Picks:
    """The `n_instances` of the highest `least_confidence_doubt`; at random before any learning."""
    pool = as_pool(X_pool)
    proba = probabilities(estimator, pool)
    doubt = np.zeros(len(pool)) if proba is None else least_confidence_doubt(proba)
    return top(doubt, n_instances, seed)

"""Clips whose valence, arousal and dominance the model expects to get most wrong."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Floats, Picks, as_pool, top
from active_learning.space import Scale, labelled


def expected_error(
    estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0
) -> Picks:
    """The `n_instances` of the largest expected squared error, the scales added up.

    The error is the model's own predictive deviation: of an `EmotionModel` (`predict(X).scale_sd`)
    or of any regressor with `predict(X, return_std=True)`. For a model without one it is that of
    ridge regression on what was labelled, 1 + x'S^-1 x: large where no label lies near.
    Source: Settles 2009, Active Learning Literature Survey, section 3.5 (variance in regression).
    """
    pool = as_pool(X_pool)
    return top(np.round(error_variance(estimator, pool), 9), n_instances, seed)


def error_variance(estimator: Any, pool: Floats) -> Floats:
    """The expected squared error of each clip (n,), added up over the scales."""
    model = getattr(estimator, "estimator", estimator)
    deviation = _own_deviation(model, pool)
    if deviation is not None:
        spread = np.nan_to_num(np.asarray(deviation, dtype=np.float64).reshape(len(pool), -1))
        variance: Floats = np.square(spread).sum(axis=1)
        return variance
    scale, taught = Scale.of(pool), labelled(estimator)
    known = np.empty((0, pool.shape[1])) if taught is None else scale.onto(taught)
    inverse = np.linalg.inv(np.eye(pool.shape[1]) + known.T @ known)
    points = scale.onto(pool).astype(np.float64)
    leverage: Floats = 1 + np.einsum("ij,ij->i", points @ inverse, points)
    return leverage


def _own_deviation(model: Any, pool: Floats) -> Any:
    inside = getattr(model, "model_", model)
    if hasattr(inside, "scales") and hasattr(inside, "predict"):
        told = getattr(inside.predict(pool), "scale_sd", None)
        return told if told is not None and np.asarray(told).size else None
    try:
        return model.predict(pool, return_std=True)[1]
    except (TypeError, AttributeError):
        return None

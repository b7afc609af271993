"""Clips whose weak label the model does not believe: wrong weak labels are found among them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Floats, Picks, as_pool, top
from active_learning.uncertainty import probabilities


def label_disagreement(
    estimator: Any,
    X_pool: ArrayLike,
    n_instances: int = 1,
    *,
    seed: int = 0,
    prior: ArrayLike | None = None,
) -> Picks:
    """The `n_instances` on which the model and the soft label are furthest apart.

    `prior` (n, k) are the soft labels, columns as the model's; a row of NaN has none. Furthest is
    the Jensen-Shannon divergence (`apart`): large only where both are sure, of different
    emotions. At random without soft labels or without a model.
    Source: Lin 1991, Divergence Measures Based on the Shannon Entropy.
    """
    pool = as_pool(X_pool)
    proba = probabilities(estimator, pool)
    if proba is None or prior is None:
        return top(np.zeros(len(pool)), n_instances, seed)
    return top(apart(proba, prior), n_instances, seed)


def apart(proba: ArrayLike, soft_labels: ArrayLike) -> Floats:
    """Jensen-Shannon divergence (n,) over its largest, ln 2; 0 where there is no soft label.

    Raises ValueError where the two are not of one shape.
    """
    p, q = np.asarray(proba, dtype=np.float64), np.asarray(soft_labels, dtype=np.float64)
    if p.shape != q.shape:
        raise ValueError(f"soft labels are {q.shape}, not {p.shape} as the model's probabilities")
    known = np.asarray(np.isfinite(q).all(axis=1), dtype=bool)
    q = np.where(known[:, None], q, p)
    middle = (p + q) / 2
    far = (_divergence(p, middle) + _divergence(q, middle)) / 2
    result: Floats = np.where(known, np.clip(far / np.log(2), 0, 1), 0.0)
    return result


def _divergence(p: Floats, q: Floats) -> Floats:
    ratio = np.log(np.maximum(p, 1e-300)) - np.log(np.maximum(q, 1e-300))
    kl: Floats = np.where(p > 0, p * ratio, 0.0).sum(axis=1)
    return kl

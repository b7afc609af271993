"""How unsure a model is of each clip. Scores only; which clips make a batch is decided elsewhere.

All take `proba` (n, k) and return (n,) float in [0, 1], high = unsure; one class leaves no doubt.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import NotFittedError

from active_learning.picks import Floats


def probabilities(estimator: Any, pool: Floats) -> Floats | None:
    """What the estimator says of the pool (n, k), or None when it has not learnt anything yet."""
    try:
        proba = np.asarray(estimator.predict_proba(pool), dtype=np.float64)
    except NotFittedError:
        return None
    if proba.ndim != 2 or len(proba) != len(pool):
        raise ValueError(f"predict_proba gave {proba.shape} for {len(pool)} clips, not (n, k)")
    return proba


def margin_doubt(proba: ArrayLike) -> Floats:
    """1 - (first - second probability). Source: Scheffer, Decomain & Wrobel 2001."""
    p = np.asarray(proba, dtype=np.float64)
    if p.shape[1] < 2:
        return np.zeros(len(p))
    best = np.partition(p, p.shape[1] - 2, axis=1)[:, -2:]
    doubt: Floats = 1 - (best[:, 1] - best[:, 0])
    return doubt


def entropy_doubt(proba: ArrayLike) -> Floats:
    """Entropy over its largest, ln k. Source: Shannon 1948; Settles 2009 for its use here."""
    p = np.asarray(proba, dtype=np.float64)
    if p.shape[1] < 2:
        return np.zeros(len(p))
    doubt: Floats = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1) / np.log(p.shape[1])
    return doubt


def least_confidence_doubt(proba: ArrayLike) -> Floats:
    """1 - the largest probability. Source: Lewis & Gale 1994."""
    doubt: Floats = 1 - np.asarray(proba, dtype=np.float64).max(axis=1)
    return doubt

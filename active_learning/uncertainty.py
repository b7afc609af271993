"""How unsure a model is of each clip. Scores only; which clips make a batch is decided elsewhere.

All take `proba` (n, k) and return (n,) float in [0, 1], high = unsure; one class leaves no doubt.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import NotFittedError

from active_learning.picks import Floats

_AT_ONCE = 100_000
"""Clips that a model is asked about at once: a pool of a million costs no copy of itself."""


def probabilities(estimator: Any, pool: Floats) -> Floats | None:
    """What the estimator says of the pool (n, k), or None when it has not learnt anything yet."""
    parts = []
    try:
        for start in range(0, max(len(pool), 1), _AT_ONCE):
            told = estimator.predict_proba(pool[start : start + _AT_ONCE])
            parts.append(np.asarray(told, dtype=np.float64))
    except NotFittedError:
        return None
    proba: Floats = parts[0] if len(parts) == 1 else np.concatenate(parts)
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


def disagreement(members: ArrayLike) -> Floats:
    """Mutual information between a clip's label and which member is asked, over ln k.

    `members` (m, n, k): the entropy of the mean less the mean entropy.
    Source: Houlsby et al. 2011; Dagan & Engelson 1995 for committees.
    """
    p = np.asarray(members, dtype=np.float64)
    of_each = np.mean([entropy_doubt(one) for one in p], axis=0)
    doubt: Floats = np.maximum(entropy_doubt(p.mean(axis=0)) - of_each, 0.0)
    return doubt

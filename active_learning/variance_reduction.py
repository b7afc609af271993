"""Clips that make a model surest of the whole pool: optimal design, weighted by doubt."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Floats, Ints, Picks, as_pool, batch_size
from active_learning.space import Points, Scale, chunks, labelled, thinned
from active_learning.uncertainty import margin_doubt, probabilities

RIDGE = 50.0
"""What the model is taken to know of each direction beforehand, in clips of full doubt."""

_LEAST_WEIGHT = 0.05
"""What a labelled clip teaches even where the model is sure of it: labels can be wrong."""

_CANDIDATES = 20_000


def variance_reduction(
    estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0, ridge: float = RIDGE
) -> Picks:
    """Each pick takes most from what a linear model's answers on pool and labels vary by.

    With features x (standardised, a constant added), doubt w = 1 - (p1 - p2), where p1 and p2 are
    the likeliest classes' probabilities, the information of what is labelled
    S = ridge I + sum w x x' and the doubt-weighted spread of all clips A, a pick's score is the
    fall of tr(A S^-1): w x'S^-1 A S^-1 x / (1 + w x'S^-1 x). S is brought up to date pick by
    pick, so that a batch does not say the same twice; a clip that lies off from
    all others teaches nothing about them, however doubtful. Without a model all doubt is alike.
    Beyond 20,000 clips the batch is made of the 20,000 that would score highest as the first.
    Sources: Yu, Bi & Tresp 2006, Active Learning via Transductive Experimental Design; Ash et al.
    2021, Gone Fishing (with one weight a clip for the Fisher information of all classes).
    """
    pool = as_pool(X_pool)
    n = batch_size(n_instances, len(pool))
    if not n:
        return Picks(np.empty(0, dtype=np.int64), np.empty(0))
    scale, taught = Scale.of(pool), labelled(estimator)
    weight = _weights(estimator, pool, floor=0.0)
    heard = np.empty((0, pool.shape[1])) if taught is None else taught
    heard_weight = _weights(estimator, heard, floor=_LEAST_WEIGHT)
    known = _with_constant(scale.onto(heard)).astype(np.float64)
    spread = np.asarray((known.T * heard_weight) @ known, dtype=np.float64)
    information = ridge * np.eye(len(spread)) + spread
    points = _with_constant(scale.onto(pool[thinned(len(pool))]))
    w = weight[thinned(len(pool))].astype(np.float32)
    of_pool = ((points.T * w) @ points).astype(np.float64) * (len(pool) / len(points))
    spread = np.asarray((spread + of_pool) / (len(pool) + len(heard)), dtype=np.float64)
    inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
    first = _first_gain(pool, scale, weight, inverse, spread)
    candidates = np.arange(len(pool))
    if len(pool) > _CANDIDATES:
        keep = max(_CANDIDATES, n)
        candidates = np.sort(np.argpartition(-first, keep - 1)[:keep])
    points = _with_constant(scale.onto(pool[candidates]))
    order = np.random.default_rng(seed).permutation(len(candidates))
    chosen, scores = _greedy(points, weight[candidates], inverse, spread, n, order)
    return Picks(candidates[chosen], scores)


def _weights(estimator: Any, table: Floats, floor: float) -> Floats:
    proba = probabilities(estimator, table) if len(table) else None
    doubt = np.ones(len(table)) if proba is None else margin_doubt(proba)
    return np.maximum(doubt, floor)


def _with_constant(points: Points) -> Points:
    return np.concatenate([points, np.ones((len(points), 1), dtype=points.dtype)], axis=1)


def _first_gain(
    pool: Floats, scale: Scale, weight: Floats, inverse: Floats, spread: Floats
) -> Floats:
    """What each clip (n,) would score as the first pick."""
    gain = np.empty(len(pool))
    both = np.concatenate([inverse @ spread @ inverse, inverse], axis=1).astype(np.float32)
    d = len(inverse)
    for rows in chunks(len(pool)):
        points = _with_constant(scale.onto(pool[rows]))
        w, solved = weight[rows], points @ both
        taken, leverage = (np.einsum("ij,ij->i", s, points) for s in (solved[:, :d], solved[:, d:]))
        gain[rows] = w * taken / (1 + w * leverage)
    return gain


def _greedy(
    points: Points, weight: Floats, inverse: Floats, spread: Floats, n: int, order: Ints
) -> tuple[Ints, Floats]:
    """n rows and their scores, by rank-one updates (Sherman & Morrison 1950); ties by `order`."""
    solved: Floats = points @ inverse
    taken = np.einsum("ij,ij->i", solved @ spread, solved)
    leverage = np.einsum("ij,ij->i", solved, points)
    open_ = np.ones(len(points), dtype=bool)
    chosen, scores = np.empty(n, dtype=np.int64), np.empty(n)
    for i in range(n):
        gain = np.where(open_, weight * taken / (1 + weight * leverage), -np.inf)
        best = int(order[np.argmax(gain[order])])
        chosen[i], scores[i], open_[best] = best, gain[best], False
        v = solved[best].copy()
        c = weight[best] / (1 + weight[best] * leverage[best])
        along, spread_v = points @ v, spread @ v
        taken = taken - 2 * c * along * (solved @ spread_v) + c**2 * along**2 * (v @ spread_v)
        leverage = leverage - c * along**2
        solved -= c * np.outer(along, v)
    return chosen, scores

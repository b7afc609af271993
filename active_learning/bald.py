"""Clips on which the members of a committee contradict one another."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression

from active_learning.picks import Floats, Picks, as_pool, top
from active_learning.space import Scale, labelled
from active_learning.uncertainty import disagreement, probabilities

N_MEMBERS = 8


def bald(estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0) -> Picks:
    """The `n_instances` of the highest `disagreement` among the members.

    A modAL Committee's are its learners. A single learner is given a committee of logistic models
    on bootstrap samples of what it was taught; one that does not say, or knows one class, leaves
    the picks to chance. Source: Houlsby et al. 2011, Bayesian Active Learning by Disagreement.
    """
    pool = as_pool(X_pool)
    members = _members(estimator, pool, seed)
    doubt = np.zeros(len(pool)) if len(members) < 2 else disagreement(np.stack(members))
    return top(np.round(doubt, 9), n_instances, seed)


def _members(estimator: Any, pool: Floats, seed: int) -> list[Floats]:
    if hasattr(estimator, "learner_list"):
        told = [_aligned(one, pool, estimator.classes_) for one in estimator.learner_list]
        return [proba for proba in told if proba is not None]
    taught, labels = labelled(estimator), getattr(estimator, "y_training", None)
    if taught is None or labels is None:
        return []
    classes, answer = np.unique(np.asarray(labels), return_inverse=True)
    rng, scale = np.random.default_rng(seed), Scale.of(pool)
    points, known = scale.onto(pool), scale.onto(taught)
    members = []
    for _ in range(N_MEMBERS):
        drawn = rng.integers(0, len(known), len(known))
        if len(np.unique(answer[drawn])) > 1:
            model = LogisticRegression(C=0.1, max_iter=300).fit(known[drawn], answer[drawn])
            proba = np.zeros((len(pool), len(classes)))
            proba[:, model.classes_] = model.predict_proba(points)
            members.append(proba)
    return members


def _aligned(member: Any, pool: Floats, classes: ArrayLike) -> Floats | None:
    proba = probabilities(member, pool)
    if proba is None:
        return None
    told = np.zeros((len(pool), len(np.asarray(classes))))
    told[:, np.searchsorted(np.asarray(classes), member.estimator.classes_)] = proba
    return told

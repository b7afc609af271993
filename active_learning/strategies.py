"""Query strategies by the names people call them."""

import difflib
from collections.abc import Mapping

from active_learning.badge import badge
from active_learning.bald import bald
from active_learning.cluster_margin import cluster_margin
from active_learning.core_set import core_set
from active_learning.coverage import coverage
from active_learning.default import default
from active_learning.entropy import entropy
from active_learning.expected_error import expected_error
from active_learning.label_disagreement import label_disagreement
from active_learning.least_confidence import least_confidence
from active_learning.margin import margin
from active_learning.picks import Strategy
from active_learning.random_choice import random_choice
from active_learning.ranked_batch import ranked_batch
from active_learning.typiclust import typiclust
from active_learning.variance_reduction import variance_reduction

STRATEGIES: Mapping[str, Strategy] = {
    "default": default,
    "random": random_choice,
    "entropy": entropy,
    "margin": margin,
    "least-confidence": least_confidence,
    "ranked-batch": ranked_batch,
    "cluster-margin": cluster_margin,
    "coverage": coverage,
    "variance-reduction": variance_reduction,
    "typiclust": typiclust,
    "core-set": core_set,
    "badge": badge,
    "bald": bald,
    "expected-error": expected_error,
    "label-disagreement": label_disagreement,
}

TAKES_PRIOR = ("default", "coverage", "label-disagreement")
"""Strategies that soft labels of the pool can be given to, as `prior`."""

OWN_START = ("default", "coverage", "variance-reduction", "typiclust", "core-set", "expected-error")
"""Strategies that choose before anything is known; others then draw at random or at a centre."""


def strategy(name: str) -> Strategy:
    """The strategy of that name; "_" and case are forgiven. Raises ValueError with near misses."""
    key = name.strip().casefold().replace("_", "-")
    if key in STRATEGIES:
        return STRATEGIES[key]
    near = difflib.get_close_matches(key, STRATEGIES, n=2, cutoff=0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(STRATEGIES)}"
    raise ValueError(f"unknown strategy {name!r} ({hint})")

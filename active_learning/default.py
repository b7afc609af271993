"""What a round uses unless told otherwise: typical clips first, doubtful ones later."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active_learning.cluster_margin import cluster_margin
from active_learning.picks import Picks, as_pool
from active_learning.space import labelled
from active_learning.typical import typical
from active_learning.uncertainty import probabilities

LABELS_PER_CLASS = 2
"""Below this many labels a class, what a model doubts says little: typical clips are taken."""


def default(estimator: Any, X_pool: ArrayLike, n_instances: int = 1, *, seed: int = 0) -> Picks:
    """`typical` while little is known (see `phase`), `cluster_margin` from then on."""
    strategy = typical if phase(estimator, X_pool) == "typical" else cluster_margin
    return strategy(estimator, X_pool, n_instances, seed=seed)


def phase(estimator: Any, X_pool: ArrayLike) -> str:
    """Which strategy `default` uses now: "typical" or "cluster-margin".

    "typical" without a fitted model, and with fewer than `LABELS_PER_CLASS` labels for each class
    met so far (a learner that does not say what it was taught is taken to know enough).
    """
    if probabilities(estimator, as_pool(X_pool)[:1]) is None:
        return "typical"
    taught, labels = labelled(estimator), getattr(estimator, "y_training", None)
    if taught is None or labels is None:
        return "cluster-margin"
    n_classes = max(2, len(np.unique(np.asarray(labels))))
    return "typical" if len(taught) < LABELS_PER_CLASS * n_classes else "cluster-margin"

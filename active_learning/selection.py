"""Choosing a batch through modAL, with a reason for every clip in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from modAL.models import ActiveLearner
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from active_learning.default import phase
from active_learning.picks import Floats, Ints, Picks, as_pool
from active_learning.reasons import reasons
from active_learning.strategies import TAKES_PRIOR
from active_learning.strategies import strategy as strategy_named
from active_learning.uncertainty import probabilities


@dataclass(frozen=True)
class Selection:
    """A batch: `indices` into the pool (n,), best first; the strategy's `scores` (n,); `reasons`.

    `strategy` is the one that made the picks (what `default` came down to).
    """

    indices: Ints
    scores: Floats
    reasons: list[str]
    strategy: str


class Untaught(BaseEstimator):  # type: ignore[misc]
    """Stands for the model when there is none yet."""

    def predict_proba(self, X: ArrayLike) -> Floats:  # noqa: ARG002
        """Raises NotFittedError: nothing is known."""
        raise NotFittedError("no model has been trained yet")


def select(
    model: Any,
    X: ArrayLike,
    n: int,
    *,
    strategy: str = "default",
    seed: int,
    classes: Sequence[str],
    labelled: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    prior: ArrayLike | None = None,
) -> Selection:
    """Which `n` clips of the pool `X` (n_pool, d) to hear next, and why.

    `model` has `predict_proba` with columns as in `classes`, or is None when nothing is trained;
    `labelled` (m, d) and `labels` (m,) are what was heard before, `prior` (n_pool, k) the pool's
    soft labels, for strategies that make use of them. Chosen by
    `modAL.models.ActiveLearner.query`. An empty pool gives an empty selection. Raises ValueError
    on an unknown strategy or a bad `n`.
    """
    pool, query = as_pool(X), strategy_named(strategy)
    learner = ActiveLearner(Untaught() if model is None else model, query_strategy=query)
    if labelled is not None and len(np.asarray(labelled)):
        # Set here and not through teach(): the model is trained, on more than these labels.
        learner.X_training = np.asarray(labelled, dtype=np.float64)
        learner.y_training = None if labels is None else np.asarray(labels)
    name = strategy.strip().casefold().replace("_", "-")
    if not len(pool):
        return Selection(np.empty(0, dtype=np.int64), np.empty(0), [], name)
    acting = phase(learner, pool) if name == "default" else name
    options = {} if prior is None or name not in TAKES_PRIOR else {"prior": prior}
    indices, _, scores = learner.query(
        pool, n_instances=n, seed=seed, return_metrics=True, **options
    )
    picks = Picks(indices, scores)
    proba = probabilities(learner, pool[indices])
    said = reasons(acting, picks, pool, proba, classes)
    return Selection(picks.indices, picks.scores, said, acting)

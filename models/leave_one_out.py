"""Posteriors of items by confusions that the item's own votes have not taught.

Where annotators cast few votes, an item's votes shape the very confusions that judge it, and its
posterior is surer than it should be. Taking each vote's share out of the counts before it is
judged (the cavity of Opper & Winther 2000; collapsed inference as in Kim & Ghahramani 2012)
stands for integrating over what is not known of the annotators.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.confusions import Anchors
from models.vote_columns import VoteColumns
from models.vote_em import Fit, posterior, softmax

Floats = NDArray[np.float64]

MANY_VOTES = 1_000
"""Votes of a source from which one more or less is no matter."""
N_ROUNDS = 2


@dataclass(frozen=True)
class LeftOut:
    """`log_joint` (n_items, k) without self-teaching; `evidence` is per vote, in matrix order."""

    log_joint: Floats
    _counts: Floats
    _mass: Floats
    _pool: Floats
    _few: NDArray[np.bool_]
    _log_evidence: Floats
    _pull: float

    def evidence(self, columns: VoteColumns, matrix: sparse.csr_matrix, proba: Floats) -> Floats:
        """log P(vote | class), (n_votes, k), of the votes in these rows of the matrix."""
        column = matrix.indices
        table = self._log_evidence[column]
        few = np.flatnonzero(self._few[column])
        if not len(few):
            return table
        item = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[few]
        column = column[few]
        own = proba[item]
        said = np.maximum(self._counts[column] - own, 0) + self._pull * self._pool[column]
        cast = np.maximum(self._mass[columns.source[column]] - own, 0) + self._pull
        table[few] = np.log(said / cast)
        return table


def leave_one_out(
    columns: VoteColumns, fit: Fit, is_function: NDArray[np.bool_], anchors: Anchors
) -> LeftOut:
    """The items' log-joint by a fitted model, each vote's own share of the confusions taken out.

    Functions and sources with 1,000 votes or more keep the fitted evidence. Two rounds from
    the fitted posterior; memory beside it is one chunk of items.
    """
    log_evidence = fit.confusions.log_evidence
    log_prior = np.log(fit.prior)
    n_cast = np.bincount(columns.votes.source, minlength=len(is_function))
    few = ((n_cast < MANY_VOTES) & ~is_function)[columns.source]
    pool = fit.confusions.pool[columns.value]
    if not few.any():
        joint = columns.matrix @ log_evidence
        joint += log_prior
        none = np.empty((0, len(log_prior)))
        return LeftOut(joint, none, none, pool, few, log_evidence, anchors.source_votes)
    proba = posterior(columns, log_evidence, fit.prior)
    joint = np.empty_like(proba)
    for _ in range(N_ROUNDS):
        counts = columns.matrix.T @ proba
        mass = np.zeros((len(is_function), counts.shape[1]))
        np.add.at(mass, columns.source, counts)
        left = LeftOut(joint, counts, mass, pool, few, log_evidence, anchors.source_votes)
        for rows, matrix in columns.chunks():
            table = left.evidence(columns, matrix, proba[rows])
            joint[rows] = _per_item(matrix) @ table + log_prior
            proba[rows] = softmax(joint[rows])
    return left


def _per_item(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Sums votes (in matrix order) by item."""
    n_votes = len(matrix.indices)
    parts = (np.ones(n_votes), np.arange(n_votes), matrix.indptr)
    return sparse.csr_matrix(parts, shape=(matrix.shape[0], n_votes))

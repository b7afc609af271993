"""Expectation-maximisation over sparse votes: classes of items and confusions of sources."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.confusions import Anchors, Confusions, estimate
from models.vote_columns import VoteColumns

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """What EM found: sources' confusions, the classes' prior, how many rounds it took."""

    confusions: Confusions
    prior: Floats
    n_rounds: int
    converged: bool


def fit(
    columns: VoteColumns,
    is_function: NDArray[np.bool_],
    prior: Floats | None,
    *,
    anchors: Anchors,
    max_rounds: int = 100,
    tolerance: float = 1e-4,
) -> Fit:
    """MAP Dawid-Skene by EM, started from the share of each item's votes.

    `prior` (k,) is kept as given; None learns it from items that annotators voted on (without
    annotators it stays uniform: see `class_prior`). Stops when less than `tolerance` of a vote,
    on average, changes classes in a round. Nothing in it is random; memory beside the votes is
    one chunk of items.
    """
    k = columns.votes.n_classes
    by_annotator = _annotated(columns, is_function)
    learned = prior is None and by_annotator.any()
    current = np.full(k, 1 / k) if prior is None else prior
    counts, mass, annotated_mass = _start(columns, by_annotator)
    n_rounds, moved = 0, np.inf
    while n_rounds < max_rounds and moved >= tolerance:
        n_rounds += 1
        if learned:
            current = (annotated_mass + 1) / (annotated_mass.sum() + k)
        confusions = estimate(columns, counts, mass + 1, is_function, anchors)
        before = counts
        counts, mass, annotated_mass = _expect(
            columns, confusions.log_evidence, current, by_annotator
        )
        moved = np.abs(counts - before).sum() / max(columns.matrix.nnz, 1)
    return Fit(confusions, current, n_rounds, bool(moved < tolerance))


def log_joint(columns: VoteColumns, log_evidence: Floats, prior: Floats) -> Floats:
    """log P(class, votes) up to a constant per item: (n_items, k)."""
    return columns.matrix @ log_evidence + np.log(prior)


def posterior(columns: VoteColumns, log_evidence: Floats, prior: Floats) -> Floats:
    """P(class | votes), (n_items, k), in bounded memory beside the answer."""
    proba = np.empty((columns.votes.n_items, len(prior)))
    log_prior = np.log(prior)
    for rows, matrix in columns.chunks():
        proba[rows] = softmax(matrix @ log_evidence + log_prior)
    return proba


def softmax(logits: Floats) -> Floats:
    """Rows of `logits` (n, k) as probabilities."""
    # Column by column: numpy's reductions along a short last axis are several times slower.
    proba = np.exp(logits - reduce(np.maximum, logits.T)[:, None])
    proba /= (proba @ np.ones(proba.shape[1]))[:, None]
    return proba


def temper(log_joint: Floats, n_votes: ArrayLike, rho: float) -> Floats:
    """Posteriors of items (n, k) when `n_votes` (n,) votes weigh as n / (1 + (n - 1) rho) do.

    Source: Kish 1965 (the design effect of clustered observations).
    """
    scale = 1 + (np.maximum(n_votes, 1) - 1) * rho
    return softmax(log_joint / scale[:, None])


def _annotated(columns: VoteColumns, is_function: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if not is_function.any():
        return columns.votes_per_item() > 0
    by_annotator = (~is_function[columns.source]).astype(float)
    return (columns.matrix @ by_annotator) > 0


def _start(columns: VoteColumns, by_annotator: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    k = columns.votes.n_classes
    allowed = columns.votes.allowed().astype(float).reshape(-1, k)
    allowed /= allowed.sum(axis=1, keepdims=True)
    face_value = allowed[columns.value]
    totals = _Totals(columns.n_columns, k)
    for rows, matrix in columns.chunks():
        share = matrix @ face_value + 1 / k
        share /= share.sum(axis=1, keepdims=True)
        totals.add(matrix, share, by_annotator[rows])
    return totals.counts, totals.mass, totals.annotated_mass


def _expect(
    columns: VoteColumns, log_evidence: Floats, prior: Floats, by_annotator: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    totals = _Totals(columns.n_columns, len(prior))
    log_prior = np.log(prior)
    for rows, matrix in columns.chunks():
        totals.add(matrix, softmax(matrix @ log_evidence + log_prior), by_annotator[rows])
    return totals.counts, totals.mass, totals.annotated_mass


class _Totals:
    """Sums over items of what the M-step needs."""

    def __init__(self, n_columns: int, k: int) -> None:
        self.counts = np.zeros((n_columns, k))
        self.mass = np.zeros(k)
        self.annotated_mass = np.zeros(k)

    def add(self, matrix, proba: Floats, by_annotator: NDArray[np.bool_]) -> None:
        self.counts += matrix.T @ proba
        self.mass += proba.sum(axis=0)
        self.annotated_mass += by_annotator.astype(float) @ proba

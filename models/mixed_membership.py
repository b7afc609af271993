"""Items of which people perceive more than one class: what a crowd's votes say of the truth.

Each vote is a perception drawn from the item's own mixture of classes, reported through the
annotator's confusions; the truth is one more draw from the mixture. Items of one class alone make
it Dawid & Skene's model; faultless annotators make it the share of votes. It tells errors that
annotators make each on their own from doubt that lies in the item. Source: mixed membership
(Erosheva, Fienberg & Lafferty 2004), the mixtures on a grid; a vote's own part is left out of the
confusions that judge it (the cavity of Opper & Winther 2000), which stands for integrating over
what is not known of the annotators.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from labels.votes import Votes
from models.annotators import Annotators, Pulls
from models.confusions import Anchors
from models.vote_columns import VoteColumns
from models.vote_em import softmax

Floats = NDArray[np.float64]

SOME_CLASSES, MANY_CLASSES = 10, 20
"""Above so many classes, pairs of them are mixed half and half only; above, not at all."""
KIND_SHARES = np.array([0.6, 0.3, 0.1])
"""Shares of items of one class, of two, and of all, believed in before any vote is seen ..."""
KIND_ITEMS = 20.0
"""... and in how many items' worth."""
PULLED_IN_ROUNDS = (1, 3, 6)
"""When the annotators' pulls are chosen anew."""
MIN_ROUNDS = 6
LEAST_GAIN = 4e-4
"""Nats a vote by which a round must better the likelihood: where votes tell little, going on to
convergence lets the confusions drift away from what people mean by the classes."""
CELLS = 2_000_000
"""Votes times mixtures that are looked at together."""


@dataclass(frozen=True)
class Mixtures:
    """Mixtures (n, k) of classes an item may be, and their `kind` (n,): 0 pure, 1 two, 2 all."""

    classes: Floats
    kind: NDArray[np.int64]

    @classmethod
    def pure(cls, k: int) -> "Mixtures":
        """Every item is of one class."""
        return cls(np.eye(k), np.zeros(k, dtype=np.int64))

    @classmethod
    def of(cls, k: int) -> "Mixtures":
        """Items of one class, of two in some steps, of all."""
        levels: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8) if k <= SOME_CLASSES else (0.5,)
        pure = np.eye(k)
        pairs = combinations(range(k if k <= MANY_CLASSES else 0), 2)
        two = [t * pure[a] + (1 - t) * pure[b] for a, b in pairs for t in levels]
        wide = [np.full(k, 1 / k), *((pure + 1 / k) / 2)] if k > 2 else []
        kinds = [0] * k + [1] * len(two) + [2] * len(wide)
        return cls(np.array([*pure, *two, *wide]), np.array(kinds))

    def weights(self, shares: Floats, prior: Floats) -> Floats:
        """P(mixture): a kind's share, within it by how common the classes mixed are."""
        weight = np.exp(self.classes @ np.log(prior))
        present = np.bincount(self.kind, weight, 3)
        possible = np.where(present > 0, shares, 0)
        return weight * (possible / possible.sum() / np.maximum(present, 1e-300))[self.kind]


@dataclass(frozen=True)
class Perceived:
    """What a fit found of a crowd's votes.

    `truth` (n_items, k) are the classes' probabilities, `log_likelihood` (n_items,) of an item's
    votes, `shares` (3,) of items of one class, two, all; `prior` (k,) the classes'.
    """

    truth: Floats
    log_likelihood: Floats
    mixtures: Mixtures
    shares: Floats
    prior: Floats
    annotators: Annotators
    pulls: Pulls
    foretold: float


def perceive(
    votes: Votes,
    mixtures: Mixtures,
    prior: Floats | None,
    *,
    anchors: Anchors,
    start: Floats | None = None,
    pulls: Pulls | None = None,
    max_rounds: int = 25,
) -> Perceived:
    """Fit by EM what a crowd perceived; all the sources are taken for annotators.

    `prior` (k,) is kept; None learns it. `start` (n_items, k) are classes to begin from, else the
    shares of each item's votes. `pulls` are the annotators', chosen by the votes where None.
    Ends when a round gains less than 4e-4 nats a vote. Not random.
    """
    columns = VoteColumns.of(votes)
    k = votes.n_classes
    item = np.repeat(np.arange(votes.n_items), columns.votes_per_item())
    truth = _face_value(columns) if start is None else start
    own, perceived = truth[item], truth.sum(axis=0)
    shares, before, pulling = KIND_SHARES, -np.inf, pulls or Pulls()
    for round_ in range(1, max_rounds + 1):
        classes = (perceived + 1) / (perceived.sum() + k) if prior is None else prior
        counts = _counts(columns, own)
        annotators = Annotators.of(columns, counts, perceived + 1, anchors)
        if pulls is None and round_ in PULLED_IN_ROUNDS:
            pulling = annotators.pulls(columns.matrix.indices, own)
        log_weight = np.log(mixtures.weights(shares, classes))
        truth, own, likelihood, kinds, foretold = _expect(
            columns, annotators, pulling, mixtures, log_weight, own
        )
        perceived = truth.sum(axis=0)
        shares = (kinds + KIND_ITEMS * KIND_SHARES) / (kinds.sum() + KIND_ITEMS)
        now = float(likelihood.sum()) / max(len(item), 1)
        if round_ > MIN_ROUNDS and now - before < LEAST_GAIN:
            break
        before = now
    several = columns.votes_per_item()[item] > 1
    mean = float(foretold[several].mean()) if several.any() else float("nan")
    return Perceived(truth, likelihood, mixtures, shares, classes, annotators, pulling, mean)


def apply(found: Perceived, votes: Votes, classes: Floats, *, anchors: Anchors) -> Floats:
    """P(truth is class | votes), (n_items, k), of more votes than a fit has seen.

    `classes` (n_items, k) are first guesses, from which the annotators' confusions are taken;
    the pulls, the kinds' shares and the prior are those found.
    """
    columns = VoteColumns.of(votes)
    counts = columns.matrix.T @ classes
    annotators = Annotators.of(columns, counts, classes.sum(axis=0) + 1, anchors)
    log_weight = np.log(found.mixtures.weights(found.shares, found.prior))
    item = np.repeat(np.arange(votes.n_items), columns.votes_per_item())
    truth = np.empty_like(classes)
    for rows, part in _parts(columns, len(found.mixtures.kind)):
        at = slice(columns.matrix.indptr[rows.start], columns.matrix.indptr[rows.stop])
        evidence = annotators.evidence(columns.matrix.indices[at], classes[item[at]], found.pulls)
        log_said = part @ np.log(evidence @ found.mixtures.classes.T)
        truth[rows] = softmax(log_said + log_weight) @ found.mixtures.classes
    return truth


def _expect(
    columns: VoteColumns,
    annotators: Annotators,
    pulls: Pulls,
    mixtures: Mixtures,
    log_weight: Floats,
    own: Floats,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Truth of items, perceptions of votes, items' log-likelihoods, items of each kind.

    Last the log-probability (n_votes,) of each vote given the others on its item.
    """
    n_items = columns.votes.n_items
    truth = np.empty((n_items, own.shape[1]))
    perception, likelihood, kinds = np.empty_like(own), np.empty(n_items), np.zeros(3)
    foretold = np.empty(len(own))
    for rows, part in _parts(columns, len(log_weight)):
        at = slice(columns.matrix.indptr[rows.start], columns.matrix.indptr[rows.stop])
        evidence = annotators.evidence(columns.matrix.indices[at], own[at], pulls)
        said = evidence @ mixtures.classes.T
        joint = part @ np.log(said) + log_weight
        top = joint.max(axis=1)
        proba = np.exp(joint - top[:, None])
        total = proba.sum(axis=1)
        likelihood[rows] = top + np.log(total)
        proba /= total[:, None]
        truth[rows] = proba @ mixtures.classes
        kinds += np.bincount(mixtures.kind, proba.sum(axis=0), 3)
        per_vote = np.repeat(proba, np.diff(part.indptr), axis=0)
        without = per_vote / said  # in proportion to the mixtures' posterior without the vote
        perception[at] = (without @ mixtures.classes) * evidence
        foretold[at] = -np.log(without.sum(axis=1))
    return truth, perception, likelihood, kinds, foretold


def _parts(columns: VoteColumns, n_mixtures: int):
    """Runs of items, each with a matrix (items, its votes) that sums votes by item."""
    ends = columns.matrix.indptr
    most = max(CELLS // n_mixtures, 1)
    start, n_items = 0, columns.votes.n_items
    while start < n_items:
        stop = int(np.searchsorted(ends, ends[start] + most, side="right")) - 1
        stop = min(max(stop, start + 1), n_items)
        n_votes = ends[stop] - ends[start]
        parts = (np.ones(n_votes), np.arange(n_votes), ends[start : stop + 1] - ends[start])
        yield slice(start, stop), sparse.csr_matrix(parts, shape=(stop - start, n_votes))
        start = stop


def _face_value(columns: VoteColumns) -> Floats:
    allowed = columns.votes.allowed().astype(float)
    allowed /= np.maximum(allowed.sum(axis=1, keepdims=True), 1)
    share = columns.matrix @ allowed[columns.value] + 1 / allowed.shape[1]
    share /= share.sum(axis=1, keepdims=True)
    return share


def _counts(columns: VoteColumns, own: Floats) -> Floats:
    n_votes = len(own)
    by_column = sparse.csr_matrix(
        (np.ones(n_votes), columns.matrix.indices, np.arange(n_votes + 1)),
        shape=(n_votes, columns.n_columns),
    )
    counts: Floats = by_column.T @ own
    return counts

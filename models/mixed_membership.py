"""Items of which people perceive more than one class: how far votes on an item lean together.

Each vote is a perception drawn from the item's own mixture of classes, reported through the
annotator's confusions; the truth is one more draw from the mixture. Items of one class alone make
it Dawid & Skene's model; faultless annotators make it the share of votes. It tells errors that
annotators make each on their own from doubt that lies in the item. Source: mixed membership
(Erosheva, Fienberg & Lafferty 2004), the mixtures on a grid, annotators' own votes left out of
the confusions that judge them.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from labels.votes import Votes
from models.confusions import Anchors, estimate
from models.vote_columns import VoteColumns
from models.vote_em import Floats, softmax

MAX_CELLS = 1_000_000
"""Votes times mixtures looked at."""
MANY_CLASSES = 10
"""Above so many classes, pairs of them are mixed half and half only."""
KIND_SHARES = np.array([0.6, 0.3, 0.1])
"""Shares of items of one class, of two, and of all, believed in before any vote is seen ..."""
KIND_ITEMS = 20.0
"""... and in how many items' worth."""


def mixtures(k: int) -> tuple[Floats, NDArray[np.int64]]:
    """Mixtures (n, k) of classes an item may be, and their kinds: 0 pure, 1 of two, 2 of all."""
    levels = (0.2, 0.4, 0.6, 0.8) if k <= MANY_CLASSES else (0.5,)
    pure = np.eye(k)
    pairs = [t * pure[a] + (1 - t) * pure[b] for a, b in combinations(range(k), 2) for t in levels]
    wide = [np.full(k, 1 / k), *((pure + 1 / k) / 2)] if k > 2 else []
    kinds = [0] * k + [1] * len(pairs) + [2] * len(wide)
    return np.array([*pure, *pairs, *wide]), np.array(kinds)


def truth_shares(
    votes: Votes, prior: Floats | None, *, anchors: Anchors, max_rounds: int = 40
) -> Floats:
    """P(truth is class | votes) of items (n_items, k) all of which have votes by annotators.

    `prior` (k,) is kept; None learns it. EM from the share of each item's votes; not random.
    """
    columns = VoteColumns.of(votes)
    k = votes.n_classes
    mixture, kind = mixtures(k)
    matrix = columns.matrix
    item = np.repeat(np.arange(votes.n_items), columns.votes_per_item())
    parts = (np.ones(len(item)), np.arange(len(item)), matrix.indptr)
    per_item = sparse.csr_matrix(parts, shape=(votes.n_items, len(item)))
    annotators = np.zeros(len(votes.sources), dtype=bool)
    face_value = votes.allowed()[columns.value] / votes.allowed()[columns.value].sum(1)[:, None]
    share = matrix @ face_value + 1 / k
    share /= share.sum(axis=1, keepdims=True)
    own = share[item]
    perceived, shares, moved, rounds = share.sum(axis=0), KIND_SHARES, np.inf, 0
    while rounds < max_rounds and moved > 1e-3:
        rounds += 1
        classes = (perceived + 1) / (perceived.sum() + k) if prior is None else prior
        evidence = _evidence(columns, own, perceived + 1, annotators, anchors)
        said = evidence @ mixture.T
        weight = _weights(mixture, kind, shares, classes)
        post = softmax(per_item @ np.log(said) + np.log(weight))
        after = ((post[item] / said) @ mixture) * evidence
        moved = np.abs(after - own).sum() / max(len(item), 1)
        own, share = after, post @ mixture
        perceived = share.sum(axis=0)
        counted = np.bincount(kind, post.sum(axis=0), 3) + KIND_ITEMS * KIND_SHARES
        shares = counted / counted.sum()
    return share


def _evidence(
    columns: VoteColumns,
    own: Floats,
    class_mass: Floats,
    annotators: NDArray[np.bool_],
    anchors: Anchors,
) -> Floats:
    """P(vote | class perceived), (n_votes, k), each vote's own perception left out."""
    column = columns.matrix.indices
    counts = np.zeros((columns.n_columns, own.shape[1]))
    np.add.at(counts, column, own)
    mass = np.zeros((len(annotators), own.shape[1]))
    np.add.at(mass, columns.source, counts)
    pool = estimate(columns, counts, class_mass, annotators, anchors).pool[columns.value]
    pull = anchors.source_votes
    said = np.maximum(counts[column] - own, 0) + pull * pool[column]
    cast = np.maximum(mass[columns.source[column]] - own, 0) + pull
    return said / cast


def _weights(mixture: Floats, kind: NDArray[np.int64], shares: Floats, classes: Floats) -> Floats:
    """P(mixture): a kind's share, within it by how common the classes mixed are."""
    weight = np.exp(mixture @ np.log(classes))
    present = np.bincount(kind, weight, 3)
    return weight * (shares / np.maximum(present, 1e-300))[kind]

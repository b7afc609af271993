"""The majority: the plainest way from votes to labels, and the one that others must beat."""

import numpy as np
from numpy.typing import NDArray

from labels.votes import ABSTAIN, Votes


def vote_mass(votes: Votes) -> NDArray[np.float64]:
    """How much of the votes each class got on each item: (n_items, n_classes).

    A vote is worth 1; a vote for a set of classes is shared out equally among them.
    """
    shares = votes.allowed().astype(float)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)
    mass = np.empty((votes.n_items, votes.n_classes))
    for column in range(votes.n_classes):
        weight = shares[:, column][votes.value]
        mass[:, column] = np.bincount(votes.item, weight, votes.n_items)
    return mass


def majority_share(votes: Votes, pseudo_votes: float = 1.0) -> NDArray[np.float64]:
    """Each class's share of the votes on each item, as probabilities: (n_items, n_classes).

    `pseudo_votes` is the weight of one more voter who allows every class; it keeps one lone vote
    from becoming certainty. An item without votes is uniform. Raises ValueError when negative.
    """
    if not pseudo_votes >= 0:
        raise ValueError(f"pseudo_votes must be 0 or more, not {pseudo_votes}")
    mass = vote_mass(votes) + pseudo_votes / votes.n_classes
    total = mass.sum(axis=1, keepdims=True)
    uniform = np.full_like(mass, 1 / votes.n_classes)
    proba: NDArray[np.float64] = np.divide(mass, total, out=uniform, where=total > 0)
    return proba


def strict_majority(votes: Votes) -> NDArray[np.int64]:
    """(n_items,) the class that has more than half of an item's votes; -1 where none has."""
    mass = vote_mass(votes)
    top = mass.argmax(axis=1)
    half = mass.sum(axis=1) / 2
    # A set's shares (thirds, sevenths) do not add up exactly: a tie must stay a tie.
    won = mass[np.arange(votes.n_items), top] > half + 1e-9
    return np.where(won, top, ABSTAIN).astype(np.int64)

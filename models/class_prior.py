"""How common the classes are, found from the votes of labelling functions alone.

A function that often votes for a class may be fond of it, or the class may be common: votes
alone cannot tell. That it votes or abstains at all can, as long as functions do so each on their
own given the class (the latent class model of Lazarsfeld & Henry 1968, abstentions counted as
answers; Ratner et al. 2017). They do not quite, so the shares it finds are kept only where they
clearly foretell held-out votes better than equal shares do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.majority import majority_share
from labels.votes import Votes
from models import held_out_votes, vote_em
from models.confusions import Anchors, implied
from models.leave_one_out import leave_one_out
from models.vote_columns import VoteColumns
from models.vote_order import drawn_items

Floats = NDArray[np.float64]

BELIEVED_ITEMS = (20.0, 100.0)
"""Items of each class on which functions are believed to do what their votes say: both are tried,
for what functions share in error carries a weak belief away and a strong one hides the truth."""
CLEAR_ERRORS = 2.0
"""Standard errors by which held-out votes must prefer shares to equal ones."""
MAX_ITEMS = 10_000
MAX_ROUNDS = 200
TOLERANCE = 1e-4
LEAST_SHARE = 1e-3


@dataclass(frozen=True)
class ClassPrior:
    """Shares of the classes (k,), None where EM is to learn them, and where they are from."""

    shares: Floats | None
    why: str


def found(votes: Votes, is_function: NDArray[np.bool_], anchors: Anchors) -> ClassPrior:
    """The shares to fit a label model with where none are given.

    `is_function` (n_sources,) tells the kinds of source. EM learns shares from annotators; where
    none voted, `of_functions` looks for them.
    """
    if not len(votes.item):
        return ClassPrior(None, "uniform: nobody voted")
    if not is_function[votes.source].all():
        return ClassPrior(None, "learned from annotators' votes")
    return of_functions(votes, anchors)


def of_functions(votes: Votes, anchors: Anchors, *, seed: int = 0) -> ClassPrior:
    """The classes' shares by votes that labelling functions alone have cast.

    Equal shares unless others foretell held-out votes by two standard errors better. Looks at no
    more than 10,000 items.
    """
    k = votes.n_classes
    even = np.full(k, 1 / k)
    items = np.sort(drawn_items(votes, max_items=MAX_ITEMS, seed=seed, least_votes=0))
    some = votes.of_items(items)
    if not (np.bincount(some.item, minlength=1) > 1).any():
        return ClassPrior(even, "uniform: no item has two votes to tell by")
    before = _foretold(some, even, anchors, seed)
    best, found = 0.0, ClassPrior(even, "uniform: no other shares foretell votes clearly better")
    for believed in BELIEVED_ITEMS:
        shares = latent_shares(some, believed, anchors.skill)
        gain = _foretold(some, shares, anchors, seed) - before
        error = float(gain.std() / np.sqrt(max(len(np.unique(some.item)), 1)))
        if gain.mean() > max(best, CLEAR_ERRORS * error):
            best = float(gain.mean())
            why = f"learned from functions' votes: foretells held-out ones {best:.3f} nats better"
            found = ClassPrior(shares, why)
    return found


def latent_shares(votes: Votes, believed: float, skill: float) -> Floats:
    """The classes' shares (k,) by EM on a latent class model of votes and abstentions.

    `believed` items of each class stand for what a vote says on its face, `skill` above chance
    (see `Anchors`). Started from the shares of each item's votes; not random.
    """
    columns = VoteColumns.of(votes)
    n_items, k = votes.n_items, votes.n_classes
    cast = np.asarray(columns.matrix.sum(axis=0)).ravel()
    even = np.full(k, 1 / k)
    on_its_face = implied(votes.allowed()[columns.value], even, skill) / even
    proba, shares = majority_share(votes), even
    proba[columns.votes_per_item() == 0] = even
    for _ in range(MAX_ROUNDS):
        mass = proba.sum(axis=0)
        expected = cast[:, None] * on_its_face / (on_its_face @ mass)[:, None]
        rate = (columns.matrix.T @ proba + believed * expected) / (mass + believed)
        rate = np.clip(rate, 1e-6, 0.98)
        votes_at_all = np.zeros((len(votes.sources), k))
        np.add.at(votes_at_all, columns.source, rate)
        abstains = np.log1p(-np.minimum(votes_at_all, 0.995))
        evidence = np.log(rate) - abstains[columns.source]
        proba = vote_em.softmax(columns.matrix @ evidence + abstains.sum(axis=0) + np.log(shares))
        before, shares = shares, (proba.sum(axis=0) + 1) / (n_items + k)
        if np.abs(shares - before).max() < TOLERANCE:
            break
    shares = np.maximum(shares, LEAST_SHARE)
    kept: Floats = shares / shares.sum()
    return kept


def _foretold(votes: Votes, shares: Floats, anchors: Anchors, seed: int) -> Floats:
    """Log-probability (n_votes,) of each vote by the others on its item under these shares."""
    columns = VoteColumns.of(votes)
    is_function = np.ones(len(votes.sources), dtype=bool)
    fit = vote_em.fit(columns, is_function, shares, anchors=anchors)
    left = leave_one_out(columns, fit, is_function, anchors)
    return held_out_votes.foretold(columns, is_function, left, seed=seed)[0]

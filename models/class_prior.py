"""How common the classes are, found from the votes of labelling functions alone.

A function that often votes for a class may be fond of it, or the class may be common: votes
alone cannot tell. That it votes or abstains at all can, as long as functions do so each on their
own given the class (the latent class model of Lazarsfeld & Henry 1968, abstentions counted as
answers; Ratner et al. 2017). They do not quite, so the shares it finds are kept only where
the label model, with them, clearly foretells a function by the others better than with equal
shares: what it votes for, or whether and what it votes.
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

BELIEVED_ITEMS = (100.0, 20.0)
"""Items of each class on which functions are believed to do what their votes say. Both are tried:
what functions share in error carries a weak belief away, a strong one hides the truth."""
DEPENDENCE = 0.3
"""The design effect assumed of labelling functions: they hear the same sound."""
CLEAR_ERRORS = 2.0
"""Standard errors by which functions must be foretold better than with equal shares."""
MAX_ITEMS = 6_000
MAX_ROUNDS = 200
PSEUDO_ITEMS = 2.0
"""Of each class, on which a function does what it does on average."""
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

    Equal shares unless others foretell functions by two standard errors better. Looks at no
    more than 6,000 items.
    """
    k = votes.n_classes
    even = np.full(k, 1 / k)
    items = np.sort(drawn_items(votes, max_items=MAX_ITEMS, seed=seed, least_votes=0))
    columns = VoteColumns.of(votes.of_items(items))
    if not (columns.votes_per_item() > 1).any():
        return ClassPrior(even, "uniform: no item has two votes to tell by")
    before = _foretell(columns, even, anchors, seed)
    best: _Foretold | None = None
    for believed in BELIEVED_ITEMS:
        shares = latent_shares(columns, believed, anchors.skill)
        one = _foretell(columns, shares, anchors, seed)
        better = one.votes_beyond(before) or one.answers_beyond(before)
        if better and (best is None or one.answers_beyond(best)):
            best = one
    if best is None:
        return ClassPrior(even, "uniform: no other shares foretell functions clearly better")
    why = "learned from functions' votes: with it they foretell each other better"
    if best.votes_beyond(before):
        return ClassPrior(best.shares, why)
    halfway = np.sqrt(best.shares)  # silences are less each function's own than votes are
    return ClassPrior(halfway / halfway.sum(), f"{why}, their silences at least, so half way")


def latent_shares(columns: VoteColumns, believed: float, skill: float) -> Floats:
    """The classes' shares (k,) by EM on a latent class model of votes and abstentions.

    `believed` items of each class stand for what a vote says on its face, `skill` above chance
    (see `Anchors`). Started from the shares of each item's votes; not random.
    """
    votes = columns.votes
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


@dataclass(frozen=True)
class _Foretold:
    """How well a label model with these shares (k,) foretells functions by one another.

    Mean log-probabilities a vote of `votes` (n_votes,), each of some item with two or more, and
    of `answers` (n_items,), a function's vote or abstention.
    """

    shares: Floats
    votes: Floats
    answers: Floats
    n_voted: int

    def votes_beyond(self, other: "_Foretold") -> bool:
        """Whether votes are foretold clearly better; those on one item count as one."""
        gain = self.votes - other.votes
        return bool(gain.mean() > CLEAR_ERRORS * gain.std() / np.sqrt(max(self.n_voted, 1)))

    def answers_beyond(self, other: "_Foretold") -> bool:
        """Whether answers are."""
        gain = self.answers - other.answers
        return bool(gain.mean() > CLEAR_ERRORS * gain.std() / np.sqrt(max(len(gain), 1)))


def _foretell(columns: VoteColumns, shares: Floats, anchors: Anchors, seed: int) -> _Foretold:
    is_function = np.ones(len(columns.votes.sources), dtype=bool)
    fit = vote_em.fit(columns, is_function, shares, anchors=anchors)
    left = leave_one_out(columns, fit, is_function, anchors)
    votes = held_out_votes.foretold(columns, is_function, left, seed=seed)[0]
    n_voted = int((columns.votes_per_item() > 1).sum())
    return _Foretold(shares, votes, _answers(columns, shares, fit), n_voted)


def _answers(columns: VoteColumns, shares: Floats, fit: vote_em.Fit) -> Floats:
    """Mean log-probability (n_items,) of what functions did on an item, each by the others."""
    evidence, log_shares = fit.confusions.log_evidence, np.log(shares)
    n_votes, joint = columns.votes_per_item(), columns.matrix @ evidence

    def proba(said: Floats, n: Floats) -> Floats:
        scale = 1 + np.maximum(n - 1, 0) * DEPENDENCE
        return vote_em.softmax(said / scale[:, None] + log_shares)

    whole = proba(joint, n_votes)
    mass = whole.sum(axis=0) + 1
    often = np.asarray(columns.matrix.mean(axis=0)).ravel()
    rate = (columns.matrix.T @ whole + PSEUDO_ITEMS * often[:, None]) / (mass + PSEUDO_ITEMS)
    by_column, total = columns.matrix.tocsc(), np.zeros(len(n_votes))
    for source in np.unique(columns.source):
        own = np.flatnonzero(columns.source == source)
        its = by_column[:, own]
        cast = np.asarray(its.sum(axis=1)).ravel()
        others = proba(joint - its @ evidence[own], n_votes - cast)
        abstains = 1 - np.minimum(rate[own].sum(axis=0), 0.999)
        likely = np.where(cast[:, None] > 0, its @ rate[own], abstains)
        total += np.log(np.maximum((others * likely).sum(axis=1), 1e-12))
    return total / max(len(columns.votes.sources), 1)

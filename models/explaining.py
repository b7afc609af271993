"""Why an item is labelled as it is: what each vote adds to the odds of each class."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.votes import Votes
from models import class_prior, vote_em, vote_sources
from models.confusions import Anchors
from models.vote_columns import VoteColumns

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Joined:
    """Votes as the label model joins them.

    `votes` are those given; `proba` (n_items, k); `prior` (k,). Per vote: `evidence` (n_votes, k)
    is log P(vote | class), its mean over classes taken out, 0 for a copied source's vote, which
    does not count; `others` (n_votes, k) is what all other votes on its item amount to.
    """

    votes: Votes
    proba: Floats
    prior: Floats
    evidence: Floats
    others: Floats

    def share_right(self, proba: Floats) -> Floats:
        """(n_votes,): how much of each vote's item the classes have that the vote allows."""
        return (proba * self.votes.allowed()[self.votes.value]).sum(axis=1)


@dataclass(frozen=True)
class Explanation:
    """One item: `proba` (k,) is softmax(log prior + the sum of `contributions` over votes).

    `vote` (n,) are places in the votes given; `contributions` (n, k) log-odds of each class
    against the geometric mean of all; `winner` and `runner_up` the two likeliest classes.
    """

    vote: NDArray[np.int64]
    contributions: Floats
    prior: Floats
    proba: Floats

    @property
    def winner(self) -> int:
        """The likeliest class."""
        return int(self.proba.argmax())

    @property
    def runner_up(self) -> int:
        """The likeliest of the other classes."""
        return int(np.where(np.arange(len(self.proba)) == self.winner, -1, self.proba).argmax())

    def log_odds(self) -> Floats:
        """(n,): what each vote adds to log(P(winner) / P(runner-up)); with the prior's own
        log-odds they add up to the whole."""
        return self.contributions[:, self.winner] - self.contributions[:, self.runner_up]


def join(
    votes: Votes,
    functions: Collection[str],
    *,
    class_balance: Floats | None = None,
    fit_on: int | None = None,
) -> Joined:
    """Fit the label model to the votes, as aggregation does before it calibrates.

    `functions` names the sources that are labelling functions; `class_balance` (k,) is how common
    the classes are, where known. Sources that only repeat another
    count once. With `fit_on` the model learns from about so many items, evenly spaced, where
    there are more: enough for functions, which vote on many items each, and far quicker.
    """
    copied = vote_sources.copies(votes)
    distinct = _thinned(vote_sources.without(votes, copied), fit_on)
    named = frozenset(functions)
    is_function = np.array([name in named for name in distinct.sources], dtype=bool)
    # What LabelModel.fit does by default, without torch, which takes a second to import.
    anchors = Anchors()
    if class_balance is None:
        class_balance = class_prior.found(distinct, is_function, anchors).shares
    fitted = vote_em.fit(VoteColumns.of(distinct), is_function, class_balance, anchors=anchors)
    columns = VoteColumns.of(votes)
    table = fitted.confusions.evidence(columns)
    table = table - table.mean(axis=1, keepdims=True)
    table[np.isin(columns.source, list(copied))] = 0.0
    keys = columns.source * len(votes.vocabulary) + columns.value
    own = np.searchsorted(keys, votes.source * len(votes.vocabulary) + votes.value)
    evidence = table[own]
    joint = columns.matrix @ table + np.log(fitted.prior)
    return Joined(
        votes=votes,
        proba=_softmax(joint),
        prior=fitted.prior,
        evidence=evidence,
        others=_softmax(joint[votes.item] - evidence),
    )


def _thinned(votes: Votes, n_items: int | None) -> Votes:
    step = 1 if n_items is None else max(votes.n_items // n_items, 1)
    kept = votes.item % step == 0
    return Votes(
        votes.n_items // step + 1, votes.n_classes, votes.sources, votes.vocabulary,
        votes.item[kept] // step, votes.source[kept], votes.value[kept],
    ) if step > 1 else votes  # fmt: skip


def explain(joined: Joined, item: int) -> Explanation:
    """What the votes on one item amount to, vote by vote, in the order they were given."""
    if not 0 <= item < joined.votes.n_items:
        raise ValueError(f"item {item} is not in [0, {joined.votes.n_items})")
    vote = np.flatnonzero(joined.votes.item == item)
    return Explanation(vote, joined.evidence[vote], joined.prior, joined.proba[item])


def _softmax(logits: Floats) -> Floats:
    shifted: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)

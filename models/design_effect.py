"""How much of a further vote on an item repeats the votes before, found from votes alone.

Votes on an item depend on each other: some clips are hard, and a crowd shares its errors. The raw
posterior takes them for independent and is far too sure. Several views of the dependence, each
blind where another sees, are averaged; where nothing of it shows, hardly any is assumed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labels.votes import Votes
from models import vote_em
from models.confusions import Anchors
from models.mixed_membership import MAX_CELLS, mixtures, truth_shares
from models.vote_columns import VoteColumns
from models.vote_em import Floats
from models.vote_halves import drawn_items, halves

DESIGN_EFFECTS = (0.0, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6,
                  0.7, 0.85, 1.0)  # fmt: skip
HIDDEN_FROM_HALVES = 3.5
"""How many times the design effect that halves show the one towards the truth may be: an error
the whole crowd shares shows in no half (2 to 4 on the real votes this was measured on)."""
HIDDEN_FROM_MIXTURES = 1.75
"""The same for the design effect that mixed membership shows (1.5 to 2.5 on real votes)."""
INDEPENDENT = 0.05
"""The design effect where votes look independent: what no test of them can rule out."""
BARELY, CLEARLY = 0.035, 0.075
"""Design effects that halves of the crowd show at most without, and at least with, dependence."""
OWN_VOTES = 10.0
"""Votes per class from which annotators' own confusions tell as much as the crowd's."""
FUNCTIONS_DEPENDENCE = 0.3
"""The design effect assumed of labelling functions alone: they hear the same sound."""
MAX_ITEMS = 5_000
ITEMS_TO_SPLIT = 10_000
MIN_SPLITS, MAX_SPLITS = 2, 8
"""Small sets are split more often, which steadies their views."""


def temper(log_joint: Floats, n_votes: ArrayLike, rho: float) -> Floats:
    """Posteriors of items (n, k) when `n_votes` (n,) votes weigh as n / (1 + (n - 1) rho) do.

    Source: Kish 1965 (the design effect of clustered observations).
    """
    scale = 1 + (np.maximum(n_votes, 1) - 1) * rho
    return vote_em.softmax(log_joint / scale[:, None])


def design_effect(
    votes: Votes,
    is_function: NDArray[np.bool_],
    log_joint: Floats,
    prior: Floats | None,
    *,
    anchors: Anchors,
    seed: int,
) -> float:
    """rho: 0 where votes on an item are independent, 1 where n votes are worth one.

    `log_joint` (n_items, k) is what the model of all the votes says, `prior` the class prior it
    was given, None if learned. Looks at no more than 5,000 items. Functions alone are
    too few and weak to tell anything: theirs is assumed.
    """
    if is_function.all():
        return FUNCTIONS_DEPENDENCE
    items = np.sort(drawn_items(votes, max_items=MAX_ITEMS, seed=seed))
    votes, log_joint, n_cast = _of_items(votes, items), log_joint[items], _n_cast(votes)
    crowd = _as_one(votes, is_function)
    kinds = np.zeros(len(crowd.sources), dtype=bool)
    kinds[1:] = True
    columns = VoteColumns.of(crowd)
    pooled = vote_em.fit(columns, kinds, prior, anchors=anchors)
    seen = _views(crowd, kinds, _joint(columns, pooled), prior, anchors, seed)
    if seen is None:
        return 0.0
    dependent = np.clip((seen.bold - BARELY) / (CLEARLY - BARELY), 0.0, 1.0)
    if dependent == 0:
        return INDEPENDENT
    if not _dependence_shows(crowd, pooled, seed):
        dependent *= 0.5
    own = _views(votes, is_function, log_joint, prior, anchors, seed)
    n_cast = n_cast[votes.source[~is_function[votes.source]]]
    trust = float(np.mean(n_cast / (n_cast + OWN_VOTES * votes.n_classes)))
    effect = trust * np.log(own.rho) + (1 - trust) * np.log(seen.rho)
    return float(np.exp((1 - dependent) * np.log(INDEPENDENT) + dependent * effect))


def _as_one(votes: Votes, is_function: NDArray[np.bool_]) -> Votes:
    """All annotators as one source, the first: a vote by a random annotator.

    Votes that are independent given the class stay so, and no annotator's peculiarities have to
    be known to see whether they are.
    """
    place = np.where(is_function, np.cumsum(is_function), 0)
    functions = tuple(np.array(votes.sources, dtype=object)[is_function])
    return Votes(
        votes.n_items, votes.n_classes, ("\0crowd", *functions), votes.vocabulary,
        votes.item, place[votes.source], votes.value,
    )  # fmt: skip


@dataclass(frozen=True)
class _Views:
    """Design effects as halves show them, too timid and too bold, and as mixtures do."""

    timid: float
    bold: float
    mixed: float | None

    @property
    def rho(self) -> float:
        """Their geometric mean, allowing for what each cannot show."""
        views = [self.timid, HIDDEN_FROM_HALVES * self.bold]
        if self.mixed is not None:
            views.append(HIDDEN_FROM_MIXTURES * self.mixed)
        return float(np.exp(np.mean(np.log(np.maximum(views, INDEPENDENT)))))


def _views(
    votes: Votes,
    is_function: NDArray[np.bool_],
    log_joint: Floats,
    prior: Floats | None,
    anchors: Anchors,
    seed: int,
) -> _Views | None:
    """None where no item has two votes."""
    losses = [
        one_pass
        for one, other in halves(votes, n_splits=_n_splits(votes), max_items=MAX_ITEMS, seed=seed)
        for one_pass in _both_ways(one, other, is_function, prior, anchors)
    ]
    if not losses:
        return None
    timid, bold = (_lowest(curve) for curve in np.sum(losses, axis=0))
    mixed = _by_mixtures(votes, is_function, log_joint, prior, anchors, seed)
    return _Views(timid, bold, mixed)


def _n_splits(votes: Votes) -> int:
    return int(np.clip(ITEMS_TO_SPLIT // max(votes.n_items, 1), MIN_SPLITS, MAX_SPLITS))


def _dependence_shows(crowd: Votes, whole: vote_em.Fit, seed: int) -> bool:
    """Whether halves agree otherwise than independent votes would, by the confusions of all."""
    losses = []
    for one, other in halves(crowd, n_splits=_n_splits(crowd), max_items=MAX_ITEMS, seed=seed):
        joint, answers = _joint(one, whole), _joint(other, whole)
        losses += [_losses(one, other, joint, answers)[1], _losses(other, one, answers, joint)[1]]
    return bool(np.sum(losses, axis=0).argmin() > 0)


def _both_ways(
    one: VoteColumns,
    other: VoteColumns,
    is_function: NDArray[np.bool_],
    prior: Floats | None,
    anchors: Anchors,
) -> list[Floats]:
    joint, answers = (
        _joint(half, vote_em.fit(
            half, is_function, prior, anchors=anchors, max_rounds=50, tolerance=1e-3
        ))
        for half in (one, other)
    )  # fmt: skip
    return [_losses(one, other, joint, answers), _losses(other, one, answers, joint)]


def _lowest(losses: Floats) -> float:
    """Where on DESIGN_EFFECTS the losses (n_rho,) are lowest, by a parabola between its points."""
    at = int(losses.argmin())
    if not 0 < at < len(losses) - 1:
        return DESIGN_EFFECTS[at]
    near = slice(at - 1, at + 2)
    curve, slope, _ = np.polyfit(DESIGN_EFFECTS[near], losses[near] - losses[at], 2)
    if not curve > 0:
        return DESIGN_EFFECTS[at]
    return float(np.clip(-slope / (2 * curve), DESIGN_EFFECTS[at - 1], DESIGN_EFFECTS[at + 1]))


def _joint(columns: VoteColumns, fit: vote_em.Fit) -> Floats:
    return vote_em.log_joint(columns, fit.confusions.evidence(columns), fit.prior)


def _losses(seen: VoteColumns, hidden: VoteColumns, joint: Floats, answers: Floats) -> Floats:
    """Losses (2, n_rho) of foretelling the class that the other half of the votes gives.

    The first takes that answer for the truth, which is too timid, for it errs by itself; the
    second allows for its errors as the model sees them, which is too bold.
    """
    n_seen, n_hidden = seen.votes_per_item(), hidden.votes_per_item()
    answer = answers.argmax(axis=1)
    rows = np.arange(len(answer))
    given = np.eye(joint.shape[1])[answer]
    losses = np.empty((2, len(DESIGN_EFFECTS)))
    for r, rho in enumerate(DESIGN_EFFECTS):
        proba = temper(joint, n_seen, rho)
        answered = temper(answers, n_hidden, rho).T @ given + 0.1
        answered /= answered.sum(axis=1, keepdims=True)
        for kind, foretold in enumerate((proba, proba @ answered)):
            losses[kind, r] = -np.log(np.maximum(foretold[rows, answer], 1e-12)).mean()
    return losses


def _by_mixtures(
    votes: Votes,
    is_function: NDArray[np.bool_],
    log_joint: Floats,
    prior: Floats | None,
    anchors: Anchors,
    seed: int,
) -> float | None:
    """The rho at which the label model is as sure as mixed membership; None without votes to it.

    Only what annotators say is looked at: a function does not perceive, it chooses when to vote.
    """
    crowd = _only(votes, ~is_function[votes.source])
    per_item = len(crowd.item) / max(len(np.unique(crowd.item)), 1)
    n_cells = len(mixtures(votes.n_classes)[0]) * max(per_item, 1)
    items = drawn_items(crowd, max_items=max(int(MAX_CELLS / n_cells), 1), seed=seed)
    if not len(items):
        return None
    target = truth_shares(_of_items(crowd, items), prior, anchors=anchors)
    n_votes = np.bincount(votes.item, minlength=votes.n_items)[items]
    losses = [
        -(target * np.log(np.maximum(temper(log_joint[items], n_votes, rho), 1e-12))).sum()
        for rho in DESIGN_EFFECTS
    ]
    return _lowest(np.array(losses))


def _n_cast(votes: Votes) -> NDArray[np.int64]:
    return np.bincount(votes.source, minlength=len(votes.sources))


def _of_items(votes: Votes, items: NDArray[np.int64]) -> Votes:
    """The votes on these items, renumbered."""
    place = np.full(votes.n_items, -1)
    place[items] = np.arange(len(items))
    kept = place[votes.item] >= 0
    return Votes(
        len(items), votes.n_classes, votes.sources, votes.vocabulary,
        place[votes.item[kept]], votes.source[kept], votes.value[kept],
    )  # fmt: skip


def _only(votes: Votes, kept: NDArray[np.bool_]) -> Votes:
    return Votes(
        votes.n_items, votes.n_classes, votes.sources, votes.vocabulary,
        votes.item[kept], votes.source[kept], votes.value[kept],
    )  # fmt: skip

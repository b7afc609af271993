"""What held-out votes say of the label model: how far to trust it, and whether to use it at all.

Each item's votes are cut into two random halves. A half's model is judged on what the other half
holds, so that no vote is explained by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.majority import majority_share
from labels.votes import Votes
from models import vote_em
from models.confusions import Anchors
from models.vote_columns import VoteColumns
from models.vote_em import Floats
from models.vote_halves import halves

DESIGN_EFFECTS = (0.0, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
HIDDEN_DEPENDENCE = 4.0
"""How many times the design effect that halves show the one towards the truth may be: an error
the whole crowd shares shows in no half (2 to 4 on the real votes this was measured on)."""
FUNCTIONS_DEPENDENCE = 0.3
"""The design effect assumed of labelling functions alone: they hear the same sound."""
MAX_ITEMS = 20_000
N_SPLITS = 3


@dataclass(frozen=True)
class Evidence:
    """What the votes themselves say of the label model.

    `rho` is the design effect: how much of a further vote on an item repeats the votes before
    (0: independent, 1: n votes are worth one). `label_model` and `majority` are the mean log
    probability (nats) that each gave to held-out votes, `error` the standard error of their
    difference, `n_votes` how many votes were held out: 0 where no item has two.
    """

    rho: float
    label_model: float
    majority: float
    error: float
    n_votes: int

    @property
    def gain(self) -> float:
        """By how many nats a vote the label model foretells votes better than the majority."""
        return self.label_model - self.majority


def temper(log_joint: Floats, n_votes: NDArray[np.int64], rho: float) -> Floats:
    """Posteriors of items (n, k) when `n_votes` (n,) votes weigh as n / (1 + (n - 1) rho) do.

    Source: Kish 1965 (the design effect of clustered observations).
    """
    scale = 1 + (np.maximum(n_votes, 1) - 1) * rho
    return vote_em.softmax(log_joint / scale[:, None])


def weigh(
    votes: Votes,
    is_function: NDArray[np.bool_],
    whole: vote_em.Fit,
    prior: Floats | None,
    *,
    anchors: Anchors,
    seed: int,
) -> Evidence:
    """Judge the label model on halves of (at most 20,000 items') votes. See `Evidence`.

    `whole` is the model of all the votes, `prior` the class prior it was given, None if learned.
    """
    passes = [
        _judge((seen, hidden), (fit, judge), whole, is_function)
        for one, other in halves(votes, n_splits=N_SPLITS, max_items=MAX_ITEMS, seed=seed)
        for fits in [_fit_both(one, other, is_function, prior, anchors)]
        for (seen, hidden), (fit, judge) in (((one, other), fits), ((other, one), fits[::-1]))
    ]
    if not passes:
        return Evidence(0.0, 0.0, 0.0, 0.0, 0)
    ours = np.concatenate([one.ours for one in passes])
    majority = np.concatenate([one.majority for one in passes])
    n_votes = max(len(ours) // N_SPLITS, 1)  # each vote is hidden once in every split
    return Evidence(
        rho=_design_effect(passes, functions_only=bool(is_function.all())),
        label_model=float(ours.mean()),
        majority=float(majority.mean()),
        error=float(np.std(ours - majority) / np.sqrt(n_votes)),
        n_votes=n_votes,
    )


@dataclass(frozen=True)
class _Pass:
    """One half judged by the other: losses (n_rho,) of three kinds, log-scores of hidden votes."""

    as_truth: Floats
    as_answer: Floats
    by_whole: Floats
    ours: Floats
    majority: Floats


def _design_effect(passes: list[_Pass], *, functions_only: bool) -> float:
    """rho from three views of how well one half foretells the class that the other half gives.

    Taking the other half's answer for the truth is too timid, for it errs by itself (`as_truth`);
    allowing for its errors as the model sees them is too bold (`as_answer`). Where, under the
    confusions of all votes, halves agree as independent votes would (`by_whole`), the bold one
    holds; otherwise votes on an item depend on each other, more than halves can show. Functions
    alone are too few and weak for halves to tell anything: theirs is assumed.
    """
    if functions_only:
        return FUNCTIONS_DEPENDENCE
    timid, bold, shown = (
        DESIGN_EFFECTS[int(np.sum([getattr(one, kind) for one in passes], axis=0).argmin())]
        for kind in ("as_truth", "as_answer", "by_whole")
    )
    return min(timid, HIDDEN_DEPENDENCE * bold) if shown > 0 else min(timid, bold)


def _fit_both(
    one: VoteColumns,
    other: VoteColumns,
    is_function: NDArray[np.bool_],
    prior: Floats | None,
    anchors: Anchors,
) -> tuple[vote_em.Fit, vote_em.Fit]:
    first, second = (
        vote_em.fit(half, is_function, prior, anchors=anchors, max_rounds=50, tolerance=1e-3)
        for half in (one, other)
    )
    return first, second


def _judge(
    halves_of: tuple[VoteColumns, VoteColumns],
    fits: tuple[vote_em.Fit, vote_em.Fit],
    whole: vote_em.Fit,
    is_function: NDArray[np.bool_],
) -> _Pass:
    (seen, hidden), (fit, judge) = halves_of, fits
    joint, answers = _joint(seen, fit), _joint(hidden, judge)
    foretold = [
        _foretold_by_model(hidden, temper(joint, seen.votes_per_item(), rho), fit, is_function)
        for rho in DESIGN_EFFECTS
    ]
    as_truth, as_answer = _losses(seen, hidden, joint, answers)
    return _Pass(
        as_truth=as_truth,
        as_answer=as_answer,
        by_whole=_losses(seen, hidden, _joint(seen, whole), _joint(hidden, whole))[1],
        ours=max(foretold, key=np.mean),
        majority=_foretold_by_majority(hidden, majority_share(seen.votes), is_function),
    )


def _joint(columns: VoteColumns, fit: vote_em.Fit) -> Floats:
    return vote_em.log_joint(columns, fit.confusions.evidence(columns), fit.prior)


def _losses(
    seen: VoteColumns, hidden: VoteColumns, joint: Floats, answers: Floats
) -> tuple[Floats, Floats]:
    """Losses (n_rho,) of foretelling the other half's answer: as the truth, and as an answer."""
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
    return losses[0], losses[1]


def _foretold_by_model(
    hidden: VoteColumns, proba: Floats, fit: vote_em.Fit, is_function: NDArray[np.bool_]
) -> Floats:
    """Log probability (n_votes,) of each hidden vote: of what an annotator says, through its
    confusions; that the set a function votes for holds the class."""
    said = np.exp(fit.confusions.evidence(hidden))
    by_function = is_function[hidden.source]
    said[by_function] = hidden.votes.allowed()[hidden.value[by_function]]
    cells = hidden.matrix.tocoo()
    return np.log(np.maximum(np.einsum("ij,ij->i", proba[cells.row], said[cells.col]), 1e-12))


def _foretold_by_majority(
    hidden: VoteColumns, share: Floats, is_function: NDArray[np.bool_]
) -> Floats:
    """As above, the next annotator's vote being drawn from the (smoothed) votes before."""
    allowed = hidden.votes.allowed().astype(float)
    by_function = is_function[hidden.source]
    could_say = allowed[np.unique(hidden.value[~by_function])].sum(axis=0)
    total = np.where(by_function[:, None], 1.0, could_say)
    cells = hidden.matrix.tocoo()
    mass = np.einsum("ij,ij->i", share[cells.row], allowed[hidden.value][cells.col])
    most = np.einsum("ij,ij->i", share[cells.row], total[cells.col])
    return np.log(np.maximum(mass / most, 1e-12))

"""One dimension's votes become probabilities: by the label model or the majority, on evidence."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labels.majority import majority_share
from labels.votes import Votes
from models import class_prior, held_out_votes, vote_sources
from models.confusions import Anchors
from models.crowd_truth import CrowdTruth, crowd_truth
from models.gold_calibration import GoldCalibration, fit_on_gold
from models.label_model import LabelModel, kinds
from models.leave_one_out import leave_one_out
from models.vote_columns import VoteColumns
from models.vote_em import Fit, softmax, temper

MIN_GOLD = 30
"""Gold labels from which they, not held-out votes, judge and calibrate."""
N_FOLDS = 5
CLEAR_ERRORS = 2.0
"""Standard errors by which gold must contradict held-out votes: fifty labels are a noisy judge."""

Floats = NDArray[np.float64]
Gold = tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True)
class Aggregate:
    """`proba` (n_items, k); `voted` (n_items,) which items have votes; `report` JSON-able."""

    proba: Floats
    voted: NDArray[np.bool_]
    report: dict[str, Any]


@dataclass(frozen=True)
class _Judged:
    """A way to probabilities, its log-probabilities and what gold says of it, cross-fitted."""

    name: str
    logits: Floats
    calibration: GoldCalibration
    losses: Floats


def aggregate(
    votes: Votes,
    *,
    gold: Gold | None = None,
    class_balance: str | ArrayLike | None = None,
    functions: frozenset[str] | None = None,
    anchors: Anchors | None = None,
    seed: int = 0,
) -> Aggregate:
    """The classes' probabilities on every item, from the label model or the majority share.

    Held-out votes judge which is better (see `held_out_votes`), and the label model's confidence
    is that of `crowd_truth`, functions' votes counted in as dependent on each other. With 30 gold
    labels (indices, classes) or more on voted items, both are calibrated by a temperature and
    shifts of the classes and judged by log-loss, cross-fitted over 5 folds; what held-out votes
    prefer loses only by more than two standard errors.
    `class_balance`, `functions` and `anchors` as in `LabelModel.fit`. Items without votes have the
    class prior.
    """
    same = vote_sources.copies(votes)
    distinct = vote_sources.without(votes, same)
    columns = VoteColumns.of(distinct)
    n_votes = columns.votes_per_item()
    is_function = kinds(votes, functions)
    model = LabelModel(votes.n_classes)
    anchors = anchors or Anchors()
    named = frozenset(np.array(votes.sources, dtype=object)[is_function].tolist())
    shares, prior_from = class_balance, class_balance if isinstance(class_balance, str) else "given"
    if class_balance is None:
        chosen = class_prior.found(distinct, is_function, anchors)
        shares, prior_from = chosen.shares, chosen.why
    model.fit(distinct, class_balance=shares, functions=named, anchors=anchors)
    left = leave_one_out(columns, model.em_fit, is_function, anchors)
    given = None if class_balance is None else model.p
    evidence = held_out_votes.weigh(columns, is_function, left, seed=seed)
    crowd = None
    if is_function[distinct.source].all():
        ours, prior = temper(left.log_joint, n_votes, class_prior.DEPENDENCE), model.p
    else:
        crowd = _crowd(distinct, columns, model.em_fit, is_function, given, anchors, seed)
        ours = _with_functions(crowd.proba, columns, model.em_fit, is_function)
        prior = crowd.prior
        # The error stays that of the leave-one-out model beside the majority: of the same size.
        if not is_function.any() and crowd.foretold > evidence.label_model and evidence.n_votes:
            evidence = replace(evidence, label_model=crowd.foretold)
    theirs = majority_share(distinct)
    ours = _within_votes(ours, theirs, distinct)
    at, truth = _gold_on(n_votes > 0, gold, votes.n_classes)
    if len(at) >= MIN_GOLD:
        proba, verdict = _by_gold(ours, theirs, evidence, at, truth, seed)
    else:
        proba, verdict = _by_votes(ours, theirs, evidence, len(at))
    proba[n_votes == 0] = prior
    report = {
        **verdict,
        "n_items": votes.n_items,
        "n_votes": len(votes.item),
        "n_gold": len(at),
        "coverage": float((n_votes > 0).mean()) if votes.n_items else 0.0,
        "conflict": _known(vote_sources.conflict(columns)),
        "class_prior": prior.tolist(),
        "class_prior_from": prior_from,
        "crowd": _told(crowd),
        "copies": {votes.sources[a]: votes.sources[b] for a, b in same.items()},
        "sources": vote_sources.report(VoteColumns.of(votes), proba, is_function),
    }
    return Aggregate(proba, n_votes > 0, report)


def _crowd(
    votes: Votes,
    columns: VoteColumns,
    fit: Fit,
    is_function: NDArray[np.bool_],
    prior: Floats | None,
    anchors: Anchors,
    seed: int,
) -> CrowdTruth:
    """What the annotators' votes say by themselves."""

    def posterior() -> Floats:
        evidence = np.where(is_function[columns.source][:, None], 0.0, fit.confusions.log_evidence)
        return softmax(columns.matrix @ evidence + np.log(fit.prior))

    annotated = votes.of_sources(~is_function)
    return crowd_truth(annotated, prior, posterior, anchors=anchors, seed=seed)


def _with_functions(
    proba: Floats, columns: VoteColumns, fit: Fit, is_function: NDArray[np.bool_]
) -> Floats:
    """What annotators say (n_items, k) joined with the votes of labelling functions."""
    by_function = is_function[columns.source]
    if not by_function.any():
        return proba
    evidence = np.where(by_function[:, None], fit.confusions.log_evidence, 0.0)
    n_votes = columns.matrix @ by_function.astype(float)
    scale = 1 + np.maximum(n_votes - 1, 0) * class_prior.DEPENDENCE
    said = columns.matrix @ evidence / scale[:, None]
    return softmax(np.log(np.maximum(proba, 1e-12)) + said)


def _told(crowd: CrowdTruth | None) -> dict[str, Any] | None:
    if crowd is None:
        return None
    seen = crowd.ambiguity
    return {
        "ambiguity": seen.share,
        "ambiguity_shown": _known(seen.shown),
        "ambiguity_power": seen.power,
        "majority_weight": crowd.majority_weight,
        "sharpness": crowd.sharpness,
        "temperature": crowd.temperature,
    }


def _within_votes(ours: Floats, theirs: Floats, votes: Votes) -> Floats:
    """Classes nobody ever voted for are believed no more than by the majority share.

    Nothing is known of how votes look on them: they would take in whatever is disputed.
    """
    used = np.bincount(votes.value, minlength=len(votes.vocabulary)) > 0
    never = ~votes.allowed()[used].any(axis=0)
    if not never.any() or never.all():
        return ours
    ours[:, never] = np.minimum(ours[:, never], theirs[:, never])
    ours /= ours.sum(axis=1, keepdims=True)
    return ours


def _by_votes(
    ours: Floats, theirs: Floats, evidence: held_out_votes.Evidence, n_gold: int
) -> tuple[Floats, dict[str, Any]]:
    scores = {"label model": evidence.label_model, "majority": evidence.majority}
    judged = {
        "judged_by": "held-out votes",
        "n_judged": evidence.n_votes,
        "log_loss": {name: -score for name, score in scores.items()},
        "gain_error": evidence.error,
        "temperature": 1.0,
    }
    few = f"{n_gold} gold labels are fewer than {MIN_GOLD}"
    if not evidence.n_votes:
        why = f"no item has two votes to hold one out, and {few}"
        return theirs, {"winner": "majority", "calibrator": "one pseudo-vote", "why": why} | judged
    if evidence.gain > 0:
        why = f"it foretold held-out votes better by {evidence.gain:.3f} nats a vote ({few})"
        calibrator = "ambiguity of the items, from the votes"
        return ours, {"winner": "label model", "calibrator": calibrator, "why": why} | judged
    why = f"the label model foretold held-out votes no better ({evidence.gain:.3f} nats; {few})"
    return theirs, {"winner": "majority", "calibrator": "one pseudo-vote", "why": why} | judged


def _by_gold(
    ours: Floats,
    theirs: Floats,
    evidence: held_out_votes.Evidence,
    at: NDArray[np.int64],
    truth: NDArray[np.int64],
    seed: int,
) -> tuple[Floats, dict[str, Any]]:
    judged = [
        _judge("label model", ours, at, truth, seed),
        _judge("majority", theirs, at, truth, seed),
    ]
    best, other = judged if evidence.gain > 0 else judged[::-1]
    behind = best.losses - other.losses
    error = float(behind.std() / np.sqrt(len(at)))
    if behind.mean() > CLEAR_ERRORS * error:
        best, other = other, best
    told = {way.name: float(way.losses.mean()) for way in judged}
    verdict = {
        "winner": best.name,
        "calibrator": "temperature and class shifts on gold",
        "why": (
            f"its cross-fitted log-loss on {len(at)} gold labels is {told[best.name]:.3f}, "
            f"the {other.name}'s {told[other.name]:.3f} (standard error of the difference "
            f"{error:.3f}; held-out votes prefer the "
            f"{'label model' if evidence.gain > 0 else 'majority'})"
        ),
        "judged_by": "held-out gold",
        "n_judged": len(at),
        "log_loss": told,
        "gain_error": error,
        "temperature": best.calibration.temperature,
        "class_shifts": best.calibration.shifts.tolist(),
    }
    return best.calibration(best.logits), verdict


def _judge(
    name: str, proba: Floats, at: NDArray[np.int64], truth: NDArray[np.int64], seed: int
) -> _Judged:
    logits = np.log(np.maximum(proba, 1e-12))
    fold = np.random.default_rng(seed).permutation(len(at)) % N_FOLDS
    losses = np.empty(len(at))
    for held in range(N_FOLDS):
        out = fold == held
        answered = fit_on_gold(logits[at[~out]], truth[~out])(logits[at[out]])
        losses[out] = -np.log(np.maximum(answered[np.arange(out.sum()), truth[out]], 1e-12))
    return _Judged(name, logits, fit_on_gold(logits[at], truth), losses)


def _gold_on(
    voted: NDArray[np.bool_], gold: Gold | None, k: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Gold on items with votes: (items, classes), in the items' order."""
    if gold is None:
        none = np.empty(0, dtype=np.int64)
        return none, none
    at, truth = (np.asarray(part, dtype=np.int64) for part in gold)
    if at.shape != truth.shape or at.ndim != 1:
        raise ValueError(f"gold must be two equally long arrays, not {at.shape} and {truth.shape}")
    if len(at) and not (0 <= at.min() <= at.max() < len(voted)):
        raise ValueError(f"gold names item {at.min()}..{at.max()}; items are 0..{len(voted) - 1}")
    if len(at) and not (0 <= truth.min() <= truth.max() < k):
        raise ValueError(f"gold holds class {truth.min()}..{truth.max()}; classes are 0..{k - 1}")
    known = np.flatnonzero(voted[at])
    known = known[np.argsort(at[known], kind="stable")]
    return at[known], truth[known]


def _known(number: float) -> float | None:
    return None if np.isnan(number) else number

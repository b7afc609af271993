"""From a table of votes to a label, a confidence and probabilities for each item."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.vote_tables import VoteTable, as_numbers, in_order
from labels import metrics
from labels.agreement import krippendorff_alpha
from labels.votes import Votes
from models.aggregation import aggregate

MAX_CLASSES = 1000
N_FOLDS = 5
QUICK_VOTES, QUICK_GOLD = 20_000, 200
"""Votes and gold labels beyond which two folds do: each takes a fit, and gold is plenty."""

Floats = NDArray[np.float64]
_Gold = tuple[NDArray[np.int64], NDArray[np.int64]]


class AggregationError(ValueError):
    """Votes, gold or a prior that do not go together; the message is one line."""


@dataclass(frozen=True)
class Labels:
    """What the votes amount to: `proba` (n_items, k) in the order of `classes`, `label` (n_items,)
    the likeliest class's index, `confidence` (n_items,) its probability; `summary` is JSON-able.
    """

    items: tuple[str, ...]
    classes: tuple[str, ...]
    proba: Floats
    summary: dict[str, Any]

    @property
    def label(self) -> NDArray[np.int64]:
        """(n_items,) the index of the likeliest class; of equal ones the first."""
        return self.proba.argmax(axis=1)

    @property
    def confidence(self) -> Floats:
        """(n_items,) the probability of the likeliest class."""
        best: Floats = self.proba.max(axis=1)
        return best


def aggregate_table(
    table: VoteTable,
    *,
    gold: Mapping[str, str] | None = None,
    prior: str | None = None,
    seed: int = 0,
) -> Labels:
    """Soft labels of a table of votes, by the label model or the majority, whichever is better.

    `gold` maps items to true values; 30 or more judge and calibrate, and the figures on gold in
    the summary are then cross-fitted (over 5 folds, or 2 of large tables): no item's gold had a
    part in its own probabilities. `prior` is "uniform", "learned" or "CLASS=SHARE,…"
    (`parse_prior`); None leaves it to the model. Classes are the values voted for and those in
    the gold, in order. Raises AggregationError for too many classes, or a bad prior.
    """
    truth, n_elsewhere = _known(table, gold or {})
    classes = _classes(table, truth)
    balance = parse_prior(prior, classes)
    votes = table.votes(classes)
    at = np.array(sorted(truth), dtype=np.int64)
    place = {name: c for c, name in enumerate(classes)}
    known = np.array([place[truth[i]] for i in at.tolist()], dtype=np.int64)
    found = aggregate(
        votes, gold=(at, known) if len(at) else None, class_balance=balance, seed=seed
    )
    proba = found.proba
    summary = _summary(table, classes, proba, found.report, krippendorff_alpha(votes))
    if gold is not None:
        judged, how = _on_gold(votes, (at, known), proba, found.report, balance, seed)
        unvoted = Counter(t for t in truth.values() if t not in set(table.values))
        summary["gold"] = {
            "n_known": len(at),
            "n_on_other_items": n_elsewhere,
            "classes_nobody_voted_for": dict(sorted(unvoted.items())),
            **judged,
            "how": how,
        }
    return Labels(table.items, classes, proba, summary)


def parse_prior(text: str | None, classes: Sequence[str]) -> str | Floats | None:
    """What the label model takes for "uniform", "learned", None or "CLASS=SHARE,…".

    Shares must name each class once and add up to 1; a class that holds a comma stands in double
    quotes ('"a, b"=.2,c=.8'). Raises AggregationError.
    """
    if text is None or text == "learned":
        return None
    if text == "uniform":
        return "uniform"
    shares: dict[str, float] = {}
    for part in next(csv.reader([text], skipinitialspace=True)) or [text]:
        name, equals, share = part.rpartition("=")
        if not equals:
            raise AggregationError(
                f"prior {text!r} is none of uniform, learned, CLASS=SHARE,… "
                f"(classes: {_listed(classes)})"
            )
        name = name.strip().strip('"')
        if name not in classes:
            raise AggregationError(
                f"prior names unknown class {name!r} (known: {_listed(classes)})"
            )
        number = as_numbers([share])
        if name in shares or number is None or not 0 < number[0] <= 1:
            why = "is named twice" if name in shares else f"has share {share!r}, not in (0, 1]"
            raise AggregationError(f"prior: class {name!r} {why}")
        shares[name] = float(number[0])
    absent = [name for name in classes if name not in shares]
    if absent:
        raise AggregationError(f"prior gives no share to {_listed(absent)}")
    total = sum(shares.values())
    if abs(total - 1) > 0.01:
        raise AggregationError(f"prior: the shares add up to {total:g}, not 1")
    return np.array([shares[name] / total for name in classes])


def _known(table: VoteTable, gold: Mapping[str, str]) -> tuple[dict[int, str], int]:
    """True value by item index, and how many of gold's items nobody voted on.

    A number written otherwise in the gold (1.0 for 1) is the number voted for.
    """
    place = {name: i for i, name in enumerate(table.items)}
    numbers = table.numbers()
    same = {} if numbers is None else dict(zip(numbers.tolist(), table.values, strict=True))
    truth: dict[int, str] = {}
    for item, text in gold.items():
        if item not in place:
            continue
        number = None if text in table.values else as_numbers([text])
        truth[place[item]] = text if number is None else same.get(float(number[0]), text)
    return truth, len(gold) - len(truth)


def _classes(table: VoteTable, truth: Mapping[int, str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys((*table.values, *truth.values())))
    if len(names) > MAX_CLASSES:
        raise AggregationError(
            f"{len(names):,} different values are too many for classes (at most {MAX_CLASSES:,}); "
            "is the right column the value?"
        )
    ordered, _ = in_order(names, np.empty(0, dtype=np.int64))
    return ordered


def _on_gold(
    votes: Votes,
    gold: _Gold,
    proba: Floats,
    report: Mapping[str, Any],
    balance: str | Floats | None,
    seed: int,
) -> tuple[dict[str, float | None], str]:
    """Accuracy, log-loss and ECE on gold that had no part in what it judges."""
    at, known = gold
    answered = proba[at]
    used = report["judged_by"] == "held-out gold"
    if used:
        n_folds = 2 if len(votes.item) > QUICK_VOTES and len(at) > QUICK_GOLD else N_FOLDS
        fold = np.random.default_rng(seed).permutation(len(at)) % n_folds
        for held in range(n_folds):
            rest = fold != held
            again = aggregate(votes, gold=(at[rest], known[rest]), class_balance=balance, seed=seed)
            answered[~rest] = again.proba[at[~rest]]
    found = {
        "accuracy": metrics.accuracy(answered, known),
        "log_loss": metrics.log_loss(answered, known),
        "ece": metrics.ece(answered, known),
    }
    how = f"cross-fitted over {n_folds} folds" if used else "gold had no part in the labels"
    return {name: None if np.isnan(x) else x for name, x in found.items()}, how


def _summary(
    table: VoteTable,
    classes: tuple[str, ...],
    proba: Floats,
    report: Mapping[str, Any],
    alpha: float,
) -> dict[str, Any]:
    return {
        **table.counts(),
        "level": "nominal",
        "classes": list(classes),
        "winner": report["winner"],
        "why": report["why"],
        "calibrator": report["calibrator"],
        "class_prior": dict(zip(classes, report["class_prior"], strict=True)),
        "class_prior_from": report["class_prior_from"],
        "mean_confidence": float(proba.max(axis=1).mean()),
        "alpha": None if np.isnan(alpha) else alpha,
    }


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:12])
    return shown if len(names) <= 12 else f"{shown} and {len(names) - 12} more"

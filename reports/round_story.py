"""A round in words: what was done, the figures to remember, and how far to trust them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from labels.metrics import ece, uar
from reports.certainty import FEW, counts, recall_interval
from reports.numbers import between, count, is_known, points, score, share
from reports.plots.learning import expert_labels
from reports.round_facts import HeldOut, RoundReport

_FEW_OF_A_CLASS = 10
_FEW_VOICES = 8
_NOTHING_TO_JUDGE_ON = (
    "How good the model is cannot be said yet: no clip of a held-out voice has been judged, and "
    "none came with a label. Have the batch below judged: part of it is there for exactly this."
)


def story(report: RoundReport) -> list[str]:
    """What was done, in sentences; clauses whose facts are unknown are left out."""
    if not report.rounds:
        return ["No round has been finished yet: there is nothing to show."]
    row = report.rounds[-1]
    number = row.get("round", len(report.rounds))
    told = [f"Round {number} looked at {_clips(row.get('n_segments'))}."]
    told += _voting(report, row) + _training(row)
    n = 0 if report.batch is None else len(report.batch)
    if n:
        chosen = "was chosen" if n == 1 else "were chosen"
        told.append(f"Last, {_clips(n)} {chosen} for an expert to hear next.")
    return told


def _clips(n: Any) -> str:
    if not is_known(n):
        return "the pool"
    return "1 clip of speech" if n == 1 else f"{count(n)} clips of speech"


def _voting(report: RoundReport, row: Mapping[str, Any]) -> list[str]:
    voters, reach = _voters(report, row), row.get("weak_coverage")
    if reach == 0 or not voters:
        return ["Nobody voted on what they express, so there are no weak labels."]
    reached = f"; {share(reach)} of the clips got at least one vote" if is_known(reach) else ""
    return [
        f"{voters[:1].upper()}{voters[1:]} voted on what each might express{reached}.",
        "A label model weighed the voters against one another and joined their votes into a "
        "probability for each emotion: the weak labels.",
    ]


def _voters(report: RoundReport, row: Mapping[str, Any]) -> str:
    parts = []
    n = row.get("n_functions")
    if n:
        parts.append(f"{count(n)} labelling function{'' if n == 1 else 's'} (rules of thumb)")
    if report.sources is not None and len(report.sources):
        crowd = report.sources["kind"] == "crowd"
        n = report.sources.loc[crowd, "source"].nunique()
        if n:
            parts.append(f"{count(n)} {'person' if n == 1 else 'people'} of the crowd")
    return " and ".join(parts)


def _training(row: Mapping[str, Any]) -> list[str]:
    n_gold, weak = row.get("n_gold"), row.get("weak_coverage") != 0
    teachers = ["those"] if weak else []
    if n_gold:
        clips = "1 clip" if n_gold == 1 else f"{count(n_gold)} clips"
        teachers.append(f"{clips} that experts had settled")
    told = []
    if teachers:
        told.append(
            f"A model of the sound then learnt from {' and from '.join(teachers)}, but never from "
            "the voices set aside for judging it."
        )
    return told if n_gold else [*told, "No expert had settled any clip yet."]


def chance(report: RoundReport) -> float | None:
    """The UAR of guessing: one over the number of classes that occur in the truth."""
    if report.held_out is None:
        return None
    table = counts(report.held_out.truth, report.held_out.proba)
    n_classes = np.count_nonzero(table.sum(axis=1))
    return 1 / n_classes if n_classes else None


def tiles(report: RoundReport) -> list[dict[str, str]]:
    """The figures to remember: each a label, a value and a line on what it means."""
    if not report.rounds:
        return []
    row = report.rounds[-1]
    found = [
        _tile("Expert labels", count(expert_labels(row)), "clips that experts settled so far"),
        _tile("Weak labels reach", share(row.get("weak_coverage")), "of the clips got a vote"),
    ]
    found += _another_hour(row.get("another_hour"))
    held, luck = report.held_out, chance(report)
    if held is None or luck is None:
        absent = "not known: nothing to judge the model on yet"
        return [*found, _tile("UAR of the model", score(None), absent)]
    interval = between(*recall_interval(counts(held.truth, held.proba)))
    right = f"95 % interval {interval}; guessing gives {score(luck)}"
    off = "its stated certainty is off by so much on average"
    return [
        *found,
        _tile("UAR of the model", score(uar(held.proba, held.truth)), right),
        _tile("ECE of the model", score(ece(held.proba, held.truth)), off),
    ]


def _another_hour(worth: Any) -> list[dict[str, str]]:
    if not worth:
        return []
    low, high = (points(worth[name]) for name in ("low", "high"))
    detail = f"points of UAR, 90 % interval {low} to {high}, from the curve so far"
    return [_tile("Another hour is worth", points(worth["gain"]), detail)]


def _tile(label: str, value: str, detail: str) -> dict[str, str]:
    return {"label": label, "value": value, "detail": detail}


def doubts(report: RoundReport) -> list[str]:
    """What a reader must know before trusting the figures."""
    told = []
    if report.synthetic:
        told.append(
            "The speech is synthetic. The figures show that the machinery works; they say "
            "nothing about people."
        )
    if report.held_out is None or chance(report) is None:
        return [*told, _NOTHING_TO_JUDGE_ON]
    return told + _about_numbers(report.held_out) + _about_classes(report, report.held_out)


def _about_numbers(held: HeldOut) -> list[str]:
    table = counts(held.truth, held.proba)
    n = int(table.sum())
    clips = "1 clip" if n == 1 else f"{count(n)} clips"
    told = [
        f"The model was judged on {clips} of voices it never trained on (measured against: "
        f"{held.yardstick}). Were other clips of these voices drawn, its UAR would most likely "
        f"(95 %) lie at {between(*recall_interval(table))}."
    ]
    if n < FEW:
        told.append(
            f"Fewer than {FEW} clips: a difference of a few hundredths between rounds means "
            "nothing, and ECE comes out too large."
        )
    if held.n_speakers is not None and held.n_speakers < _FEW_VOICES:
        voices = "one voice" if held.n_speakers == 1 else f"{held.n_speakers} voices"
        told.append(
            f"They are by {voices} only. The interval does not cover what a new voice would "
            "change, which is often more than chance among clips does."
        )
    return told


def _about_classes(report: RoundReport, held: HeldOut) -> list[str]:
    n_of = dict(zip(report.classes, counts(held.truth, held.proba).sum(axis=1), strict=True))
    told = []
    rare = [f"{name} ({n})" for name, n in n_of.items() if 0 < n < _FEW_OF_A_CLASS]
    if rare:
        told.append(f"Very few clips of {', '.join(rare)}: of these the figures are rough.")
    unseen = [name for name, n in n_of.items() if not n]
    if unseen:
        told.append(f"Not judged at all, for want of clips: {', '.join(unseen)}.")
    return told

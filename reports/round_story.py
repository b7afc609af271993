"""A round in words: what was done, the figures to remember, and how far to trust them."""

from typing import TYPE_CHECKING, Any

import numpy as np

from labels.metrics import ece, uar
from reports.certainty import FEW, counts, recall_interval
from reports.numbers import between, count, is_known, score, share
from reports.plots.learning import expert_labels

if TYPE_CHECKING:
    from reports.round_report import RoundReport

_FEW_OF_A_CLASS = 10
_FEW_VOICES = 8


def story(report: "RoundReport") -> list[str]:
    """What was done, in sentences; clauses whose facts are unknown are left out."""
    if not report.rounds:
        return ["No round has been finished yet: there is nothing to show."]
    row = report.rounds[-1]
    told = [
        f"Round {row.get('round', len(report.rounds))} looked at {_clips(row.get('n_segments'))}."
    ]
    voters = _voters(report, row)
    if voters:
        reach = row.get("weak_coverage")
        told.append(
            f"{voters} voted on what each might express"
            + (f"; {share(reach)} of the clips got at least one vote." if is_known(reach) else ".")
        )
        told.append(
            "A label model weighed the voters against one another and joined their votes into a "
            "probability for each emotion: the weak labels."
        )
    n_gold = row.get("n_gold")
    told.append(
        "A model of the sound then learnt from those"
        + (f" and from {_settled(n_gold)}" if n_gold else "")
        + ", but never from the voices set aside for judging it."
        + ("" if n_gold else " No expert had settled any clip yet.")
    )
    if report.batch is not None and len(report.batch):
        told.append(f"Last, it chose {_clips(len(report.batch))} for an expert to hear next.")
    return told


def _clips(n: Any) -> str:
    if not is_known(n):
        return "the pool"
    return "1 clip of speech" if n == 1 else f"{count(n)} clips of speech"


def _settled(n: Any) -> str:
    return (
        "1 clip that experts had settled"
        if n == 1
        else f"{count(n)} clips that experts had settled"
    )


def _voters(report: "RoundReport", row: Any) -> str:
    parts = []
    n = row.get("n_functions")
    if n:
        parts.append(
            f"{count(n)} labelling {'function' if n == 1 else 'functions'} (rules of thumb)"
        )
    if report.sources is not None and len(report.sources):
        people = report.sources.loc[report.sources["kind"] == "crowd", "source"].nunique()
        if people:
            parts.append(f"{count(people)} {'person' if people == 1 else 'people'} of the crowd")
    text = " and ".join(parts)
    return text[:1].upper() + text[1:]


def chance(report: "RoundReport") -> float | None:
    """The UAR of guessing: one over the number of classes that occur in the truth."""
    if report.held_out is None:
        return None
    there = np.count_nonzero(counts(report.held_out.truth, report.held_out.proba).sum(axis=1))
    return 1 / there if there else None


def tiles(report: "RoundReport") -> list[dict[str, str]]:
    """The figures to remember: each a label, a value and a line on what it means."""
    if not report.rounds:
        return []
    row = report.rounds[-1]
    held, luck = report.held_out, chance(report)
    found = [
        {"label": "Expert labels", "value": count(expert_labels(row)),
         "detail": "clips that experts have settled so far"},
        {"label": "Weak labels reach", "value": share(row.get("weak_coverage")),
         "detail": "of the clips got a vote from a rule or the crowd"},
    ]  # fmt: skip
    if held is None or luck is None:
        absent = "not known: nothing to judge the model on yet"
        return [*found, {"label": "UAR of the model", "value": score(None), "detail": absent}]
    low, high = recall_interval(counts(held.truth, held.proba))
    return [
        *found,
        {"label": "UAR of the model", "value": score(uar(held.proba, held.truth)),
         "detail": f"95 % interval {between(low, high)}; guessing gives {score(luck)}"},
        {"label": "ECE of the model", "value": score(ece(held.proba, held.truth)),
         "detail": "its stated certainty is off by so much on average"},
    ]  # fmt: skip


def doubts(report: "RoundReport") -> list[str]:
    """What a reader must know before trusting the figures."""
    told = []
    if report.synthetic:
        told.append(
            "The speech is synthetic. The figures show that the machinery works; they say "
            "nothing about people."
        )
    held = report.held_out
    table = None if held is None else counts(held.truth, held.proba)
    if held is None or table is None or not table.sum():
        told.append(
            "How good the model is cannot be said yet: no clip of a held-out voice has been "
            "judged, and the corpus brought no labels. Have the batch below judged; part of it "
            "is there for exactly this."
        )
        return told
    n = int(table.sum())
    low, high = recall_interval(table)
    told.append(
        f"The model was judged on {count(n)} clips of voices it never trained on, by "
        f"{held.yardstick}. Other clips of these voices would give a UAR of {between(low, high)} "
        "in 95 of 100 cases."
    )
    if n < FEW:
        told.append(
            f"Fewer than {FEW} clips: a difference of a few hundredths between rounds means nothing."
        )
    if held.n_speakers is not None and held.n_speakers < _FEW_VOICES:
        voices = "one voice" if held.n_speakers == 1 else f"{held.n_speakers} voices"
        told.append(
            f"They are by {voices} only; the interval does not cover what a new voice would bring, "
            "which may be ten hundredths and more."
        )
    per_class = table.sum(axis=1)
    rare = [f"{name} ({m})" for name, m in zip(report.classes, per_class, strict=True) if 0 < m < _FEW_OF_A_CLASS]  # fmt: skip
    if rare:
        told.append(
            f"Very few clips of {', '.join(rare)}: their rows of the confusion matrix are rough."
        )
    unseen = [name for name, m in zip(report.classes, per_class, strict=True) if not m]
    if unseen:
        told.append(f"Not judged at all, for want of clips: {', '.join(unseen)}.")
    return told

"""The table of rounds: a row a measure with what it means, a column a round."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.numbers import DASH, count, is_known, score, share, text

_MOST_COLUMNS = 8


@dataclass(frozen=True)
class Measure:
    """One row: a name, what it means, a text for each round, and why some have none."""

    name: str
    meaning: str
    cells: list[str]
    why_absent: str


@dataclass(frozen=True)
class Group:
    """Measures that belong together, under a heading, and why some rounds have none of them."""

    heading: str
    measures: list[Measure]
    why_absent: str = ""


@dataclass(frozen=True)
class _Spec:
    key: str
    name: str
    meaning: str
    shown: Callable[[Any], str]
    why_absent: str = "the round did not say"


def _yes_or_no(value: Any) -> str:
    return "yes" if value else "no"


_AMOUNTS = (
    _Spec("n_segments", "Clips", "pieces of speech in the pool", count),
    _Spec("n_judgements", "Judgements", "answers kept so far, of crowd and experts", count),
    _Spec("n_gold", "Gold for training", "clips that experts settled, to learn from", count),
)
_WEAK = (
    _Spec("n_functions", "Labelling functions", "rules of thumb that vote on clips", count),
    _Spec("weak_coverage", "Coverage", "share of clips with a vote on emotion", share, "no votes"),
    _Spec(
        "weak_labels.uar",
        "UAR of weak labels",
        "the joined votes against the labels that came with the corpus",
        score,
        "no clip with votes came with a label to compare with",
    ),
    _Spec(
        "weak_labels_gold.uar",
        "UAR of weak labels, by experts",
        "the joined votes on the random slices, against what experts said of them",
        score,
        "no clip of a random slice with votes had been judged by then",
    ),
)
_UNRATED = "fewer than three clips had ratings to compare with"
_MODEL = (
    _Spec("n", "Clips judged on", "the more, the surer the figures below", count, ""),
    _Spec("uar", "UAR", "share of right answers, averaged over emotions; 1 is perfect", score, ""),
    _Spec("macro_f1", "Macro F1", "as UAR, but wrong alarms count too", score, ""),
    _Spec("ece", "ECE", "how far stated certainty is from being right; 0 is perfect", score, ""),
    _Spec("ccc_valence", "CCC valence", "agreement on pleasantness; 1 is best", score, _UNRATED),
    _Spec("ccc_arousal", "CCC arousal", "agreement on excitement", score, _UNRATED),
    _Spec("ccc_dominance", "CCC dominance", "agreement on being in control", score, _UNRATED),
)
_YARDSTICKS = (
    (
        "held_out_gold",
        "The model, judged by experts, on the batches’ random slices: voices it never trained on",
        "no expert had judged a clip of a held-out voice by then",
    ),
    (
        "reference",
        "The model, against labels that came with the corpus, on voices it never trained on",
        "no clip of a held-out voice came with a label",
    ),
)
_OUTCOME = (
    _Spec("version", "Model version", "its number in the registry", text, "none was registered"),
    _Spec("champion_moved", "Became champion", "was better than the model in use", _yes_or_no),
    _Spec(
        "model_agreement",
        "Agreement with the last model",
        "kappa of their answers; near 1 more labels change little",
        score,
        "there was no round before",
    ),
)


def shown_rounds(rounds: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rounds that fit a page: all, or the first and the last ones."""
    if len(rounds) <= _MOST_COLUMNS:
        return list(rounds)
    return [rounds[0], *rounds[-(_MOST_COLUMNS - 1) :]]


def groups(rounds: Sequence[Mapping[str, Any]]) -> list[Group]:
    """The table's rows. `rounds` are summary rows, oldest first.

    A yardstick that no round has is left out, save expert gold, whose absence matters.
    """
    found = [
        Group("How much there is", _measures(_AMOUNTS, rounds)),
        Group("Weak labels: what rules and crowd say", _measures(_WEAK, rounds)),
    ]
    for yardstick, heading, why in _YARDSTICKS:
        said = {key for row in rounds for key, value in row.items() if is_known(value)}
        has = [spec for spec in _MODEL if f"{yardstick}.{spec.key}" in said]
        if has or yardstick == "held_out_gold":
            measures = _measures(has or _MODEL[:2], rounds, f"{yardstick}.")
            absent = any(DASH in m.cells for m in measures if not m.why_absent)
            found.append(Group(heading, measures, why if absent else ""))
    found.append(Group("Outcome", _measures(_OUTCOME, rounds)))
    return found


def _measures(
    specs: Sequence[_Spec], rounds: Sequence[Mapping[str, Any]], prefix: str = ""
) -> list[Measure]:
    found = []
    for spec in specs:
        values = [row.get(prefix + spec.key) for row in rounds]
        cells = [spec.shown(value) if is_known(value) else DASH for value in values]
        why = spec.why_absent if DASH in cells else ""
        found.append(Measure(spec.name, spec.meaning, cells, why))
    return found

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
    """Measures that belong together, under a heading."""

    heading: str
    measures: list[Measure]


_Spec = tuple[str, str, str, Callable[[Any], str], str]

_AMOUNTS: tuple[_Spec, ...] = (
    ("n_segments", "Clips", "pieces of speech in the pool", count, "the round did not say"),
    ("n_judgements", "Judgements", "answers kept so far, from crowd and experts together", count, "the round did not say"),
    ("n_gold", "Gold for training", "clips that experts have settled, of voices the model may learn from", count, "the round did not say"),
)  # fmt: skip
_WEAK: tuple[_Spec, ...] = (
    ("n_functions", "Labelling functions", "rules of thumb that vote on clips", count, "the round did not say"),
    ("weak_coverage", "Coverage", "share of clips with at least one vote on the emotion", share, "nobody voted"),
    ("weak_labels.uar", "UAR of weak labels", "the joined votes against the labels that came with the corpus", score, "no clip with votes came with a label to compare with"),
)  # fmt: skip
_MODEL = (
    ("n", "Clips judged on", "the more, the surer the figures below", count),
    ("uar", "UAR", "share of right answers, averaged over emotions; 1 is perfect", score),
    ("macro_f1", "Macro F1", "as UAR, but wrong alarms count too", score),
    (
        "ece",
        "ECE",
        "how far its stated certainty is from how often it is right; 0 is perfect",
        score,
    ),
    ("ccc_valence", "CCC valence", "agreement on pleasantness; 1 is perfect, 0 none", score),
    ("ccc_arousal", "CCC arousal", "agreement on excitement", score),
    ("ccc_dominance", "CCC dominance", "agreement on being in control", score),
)
_YARDSTICKS = (
    ("held_out_gold", "The model, judged by experts on voices it never trained on", "no expert has judged enough clips of held-out voices by then"),
    ("reference", "The model, against the labels that came with the corpus, same voices", "the corpus holds no such labels for held-out voices"),
)  # fmt: skip
_OUTCOME: tuple[_Spec, ...] = (
    ("version", "Model version", "its number in the model registry", text, "no model was registered"),
    ("champion_moved", "Became champion", "was it better than the model in use", lambda v: "yes" if v else "no", "the round did not say"),
)  # fmt: skip


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
        Group("How much there is", _rows(_AMOUNTS, rounds)),
        Group("Weak labels: what rules and crowd say", _rows(_WEAK, rounds)),
    ]
    for key, heading, why in _YARDSTICKS:
        specs = [(f"{key}.{name}", *rest, why) for name, *rest in _MODEL]
        has = [spec for spec in specs if any(is_known(row.get(spec[0])) for row in rounds)]
        if not has and key == "held_out_gold":
            has = specs[:2]
        if has:
            found.append(Group(heading, _rows(has, rounds)))
    found.append(Group("Outcome", _rows(_OUTCOME, rounds)))
    return found


def _rows(specs: Sequence[_Spec], rounds: Sequence[Mapping[str, Any]]) -> list[Measure]:
    rows = []
    for key, name, meaning, shown, why in specs:
        cells = [shown(row[key]) if is_known(row.get(key)) else DASH for row in rounds]
        rows.append(Measure(name, meaning, cells, why if DASH in cells else ""))
    return rows

"""How far those who judged agree, who is reliable and who is to be looked at, in one report."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

import db.judgements
from annotation.tables import TableError
from annotation.text_columns import Problem
from annotation.value_levels import level_of
from annotation.vote_tables import VoteTable, in_order
from labels.alpha import LEVELS, Level, alpha
from labels.bootstrap import Estimate
from labels.icc import icc
from labels.kappa import fleiss
from labels.pairs import pair_table, pairwise_agreement
from labels.raters import rater_summary
from labels.scheme import SchemeError
from labels.suspects import MIN_COMPARED, Suspect, suspects, typical_reliability
from rounds.workspace import Workspace

MAX_CLASSES = 50
"""Different values beyond which figures for classes say nothing."""
MAX_PAIRS_TOLD = 10_000


@dataclass(frozen=True)
class AgreementReport:
    """`figures` by name, `pairs` as `labels.pairs` has them, `raters` as `labels.raters`.

    `level` is what the values were taken for, `guessed` whether nobody said so; `typical` is
    the median reliability.
    """

    level: Level
    guessed: bool
    table: VoteTable
    n_compared_items: int
    figures: dict[str, Estimate]
    pairs: pd.DataFrame
    raters: pd.DataFrame
    typical: float
    suspects: list[Suspect]

    def as_json(self) -> dict[str, Any]:
        """All of it as what JSON can hold; None where a figure cannot be told."""
        pairs = self.pairs.head(MAX_PAIRS_TOLD)
        return {
            "level": self.level,
            "level_guessed": self.guessed,
            "n_items": len(self.table.items),
            "n_items_judged_twice": self.n_compared_items,
            "n_annotators": len(self.table.annotators),
            "n_votes": len(self.table.item),
            "n_duplicates": self.table.n_duplicates,
            "n_rows_passed_over": len(self.table.problems),
            "n_values": len(self.table.values),
            "figures": {name: _known(asdict(one)) for name, one in self.figures.items()},
            "typical_reliability": None if np.isnan(self.typical) else self.typical,
            "n_pairs": len(self.pairs),
            "pairs_from_a_sample": bool(self.pairs.attrs.get("sampled", False)),
            "pairs": [_known(row) for row in pairs.to_dict("records")],
            "raters": [_known(row) for row in self.raters.reset_index().to_dict("records")],
            "suspects": [asdict(suspect) for suspect in self.suspects],
        }


def agreement(table: VoteTable, *, level: str | None = None, seed: int = 0) -> AgreementReport:
    """Every figure of agreement that goes with the values, each with a 95 % interval.

    `level` is nominal, ordinal or interval; None takes numbers of more than 20 kinds for an
    interval scale and everything else for classes. Raises TableError for an unknown level, or
    one that needs numbers where there are texts.
    """
    numbers = table.numbers()
    told = level_of(table, level)
    ratings = table.ratings(as_classes=told == "nominal")
    figures: dict[str, Estimate] = {}
    as_numbers = table.ratings(as_classes=False)
    for one in LEVELS if numbers is not None else ("nominal",):
        if one != "nominal" or len(table.values) <= MAX_CLASSES:
            figures[f"Krippendorff's alpha, {one}"] = alpha(as_numbers, one, seed=seed)
    pairs = pair_table(ratings, seed=seed)
    if len(table.values) <= MAX_CLASSES:
        figures["Fleiss' kappa"] = fleiss(ratings, seed=seed)
        mean = pairs["kappa"].mean() if pairs["kappa"].notna().any() else float("nan")
        figures["Cohen's kappa, mean of pairs"] = Estimate(float(mean), np.nan, np.nan)
    figures["pairwise agreement"] = pairwise_agreement(ratings, seed=seed)
    if told != "nominal":
        figures |= icc(ratings, seed=seed)
    raters = rater_summary(ratings, told)
    words = dict(enumerate(table.values)) if told == "nominal" else {}
    found = suspects(raters, told, lambda v: repr(words[int(v)]) if words else f"{v:g}")
    if words:
        raters["favourite"] = [words.get(v) for v in raters["favourite"]]
    return AgreementReport(
        level=told,
        guessed=level is None,
        table=table,
        n_compared_items=int((ratings.per_item() > 1).sum()),
        figures=figures,
        pairs=pairs,
        raters=raters,
        typical=typical_reliability(raters[raters["n_compared"] >= MIN_COMPARED]),
        suspects=found,
    )


def recorded_votes(workspace: Workspace, dimension: str) -> VoteTable:
    """What crowd, experts and adjudicators said on a dimension, from the records.

    Finer emotions count as the emotion they lie under; the latest of each annotator on each
    segment stands. Raises SchemeError for an unknown dimension, TableError where nobody judged.
    """
    scheme = workspace.scheme
    if dimension not in scheme.dimensions:
        raise SchemeError(
            f"unknown dimension {dimension!r} (known: {', '.join(scheme.dimensions)})"
        )
    with workspace.reading() as tx:
        frame = db.judgements.frame(tx, dimension=dimension)
    if not len(frame):
        raise TableError(
            f"nobody has judged {dimension} yet (undertone votes import, undertone batch import)"
        )
    n_rows = len(frame)
    texts: dict[str, str | None] = {}
    problems = []
    for value in frame["value"].unique():
        try:
            texts[value] = _value(workspace, dimension, value)
        except SchemeError as error:
            texts[value] = None
            problems.append(Problem(0, str(error)))
    frame = frame.assign(said=frame["value"].map(texts)).dropna(subset="said")
    standing = frame.drop_duplicates(["segment_id", "annotator"], keep="last")
    item, items = pd.factorize(standing["segment_id"])
    annotator, annotators = pd.factorize(standing["annotator"])
    value, values = pd.factorize(standing["said"])
    ordered, value = in_order(tuple(map(str, values)), value.astype(np.int64))
    return VoteTable(
        items=tuple(map(str, items)),
        annotators=tuple(map(str, annotators)),
        values=ordered,
        item=item.astype(np.int64),
        annotator=annotator.astype(np.int64),
        value=value,
        n_rows=n_rows,
        n_duplicates=len(frame) - len(standing),
        problems=tuple(problems),
    )


def default_level(workspace: Workspace, dimension: str) -> Level:
    """What a dimension of the scheme is: classes, or an ordinal scale."""
    return "ordinal" if any(s.name == dimension for s in workspace.scheme.scales) else "nominal"


def _value(workspace: Workspace, dimension: str, text: str) -> str:
    scheme = workspace.scheme
    if dimension == "emotion":
        return scheme.classes[scheme.class_index(text)]
    return f"{scheme.scale(dimension).parse(text):g}"


def _known(row: dict[Any, Any]) -> dict[str, Any]:
    """A row with None for what is not known, and plain numbers."""
    return {
        str(name): None if isinstance(cell, float) and not np.isfinite(cell) else cell
        for name, cell in row.items()
    }

"""What the model of a batch's round thought of its clips: told only where somebody says so."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

import db.batches
import db.rounds
from annotation.desk.desk import Desk
from rounds.artifacts import get

_N_TOLD = 3


@dataclass(frozen=True)
class Opinion:
    """A model's probability of each class, and its mean on each scale that it has one for."""

    proba: dict[str, float]
    scales: dict[str, float]


def prediction_after(desk: Desk, batch_id: str, segment_id: str) -> dict[str, float] | None:
    """The classes that the model of the batch's round finds likeliest, with their probabilities.

    None where the rules do not show it, or no model scored the segment.
    """
    if desk.rules.show_model != "after":
        return None
    one = opinions(desk, batch_id, [segment_id]).get(segment_id)
    if one is None:
        return None
    likeliest = sorted(one.proba, key=lambda name: -one.proba[name])[:_N_TOLD]
    return {name: round(one.proba[name], 3) for name in likeliest}


def version(desk: Desk, batch_id: str) -> str | None:
    """What the model of the batch's round goes by; None where the batch is of no round."""
    with desk.workspace.reading() as tx:
        number = db.batches.get(tx, batch_id).round_number
    return None if number is None else f"undertone round {number}"


def opinions(desk: Desk, batch_id: str, segments: Collection[str]) -> dict[str, Opinion]:
    """What the model of the batch's round thought of these segments, where it scored them."""
    with desk.workspace.reading() as tx:
        number = db.batches.get(tx, batch_id).round_number
    scores = None if number is None else _scores(desk, number)
    if scores is None:
        return {}
    scheme = desk.workspace.scheme
    rows = scores.loc[scores.index.intersection(pd.Index(list(segments)))]
    scales = [one.name for one in scheme.scales if f"{one.name}_mean" in rows]
    return {
        str(row.Index): Opinion(
            {name: float(getattr(row, f"c{j}")) for j, name in enumerate(scheme.classes)},
            {
                name: float(mean)
                for j, name in enumerate(scales)
                if pd.notna(mean := getattr(row, f"s{j}"))
            },
        )
        for row in rows.rename(
            columns={f"p_{name}": f"c{j}" for j, name in enumerate(scheme.classes)}
            | {f"{name}_mean": f"s{j}" for j, name in enumerate(scales)}
        ).itertuples()
    }


@lru_cache(maxsize=4)
def _scores(desk: Desk, round_number: int) -> pd.DataFrame | None:
    """A row a segment; None before a round scored, or where what it said is gone."""
    with desk.workspace.reading() as tx:
        done = db.rounds.results(tx, round_number).get("score")
    if done is None:
        return None
    try:
        frame = get(desk.workspace, *done["artifact"]).frame().set_index("segment_id")
    except (ValueError, KeyError, OSError):
        return None
    known = all(f"p_{name}" in frame for name in desk.workspace.scheme.classes)
    return frame if known else None  # else it is of another scheme: nothing to tell

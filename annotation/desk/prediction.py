"""What the model thought of a clip: told after it was judged, and only where a setting says so."""

from functools import lru_cache

import db.batches
import db.rounds
from annotation.desk.desk import Desk
from rounds.artifacts import get

_N_TOLD = 3


def prediction_after(desk: Desk, batch_id: str, segment_id: str) -> dict[str, float] | None:
    """The classes that the model of the batch's round finds likeliest, with their probabilities.

    None where the rules do not show it, or no model scored the segment.
    """
    if desk.rules.show_model != "after":
        return None
    with desk.workspace.reading() as tx:
        number = db.batches.get(tx, batch_id).round_number
    return None if number is None else _scores(desk, number).get(segment_id)


@lru_cache(maxsize=4)
def _scores(desk: Desk, round_number: int) -> dict[str, dict[str, float]]:
    """segment id -> class -> probability, of the likeliest classes; empty before a round scored."""
    with desk.workspace.reading() as tx:
        done = db.rounds.results(tx, round_number).get("score")
    classes = desk.workspace.scheme.classes
    if done is None:
        return {}
    try:
        frame = get(desk.workspace, *done["artifact"]).frame().set_index("segment_id")
        proba = frame[[f"p_{name}" for name in classes]].to_numpy()
    except (ValueError, KeyError, OSError):  # gone, or of another scheme: nothing to tell
        return {}
    likeliest = (-proba).argsort(axis=1, kind="stable")[:, :_N_TOLD]
    return {
        str(segment): {classes[j]: round(float(row[j]), 3) for j in best}
        for segment, row, best in zip(frame.index, proba, likeliest, strict=True)
    }

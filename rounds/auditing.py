"""Labelling functions that a chosen clip puts to the test: they contradict a model that is sure."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rounds.artifacts import Made
from rounds.workspace import Workspace

SURE = 0.6
"""How sure the model must be for a contradiction to say something about the function."""


def contradicted(
    workspace: Workspace, votes: Made | None, rows: NDArray[np.int64], proba: NDArray | None
) -> list[str]:
    """Of each of these rows of the pool (n,) which function an answer would audit, or "".

    `proba` (n, k) is what the model says of them. Of several functions that exclude the emotion
    the model is sure of, the one whose vote allows fewest is named.
    """
    lines = [""] * len(rows)
    if votes is None or proba is None or not len(rows):
        return lines
    cast = votes.frame()
    cast = cast[(cast["dimension"] == "emotion") & (cast["kind"] == "function")]
    cast = cast[cast["item"].isin(rows)]
    by_row = {int(item): found for item, found in cast.groupby("item", observed=True)}
    for i, row in enumerate(rows):
        best = int(proba[i].argmax())
        if proba[i, best] >= SURE and int(row) in by_row:
            lines[i] = _line(by_row[int(row)], best, workspace.scheme.classes)
    return lines


def _line(found: pd.DataFrame, best: int, classes: tuple[str, ...]) -> str:
    against = []
    for source, value in zip(found["source"].astype(str), found["value"].astype(str), strict=True):
        allowed = [int(c) for c in value.split("|")]
        if best not in allowed:
            against.append((len(allowed), source.removeprefix("function:"), allowed))
    if not against:
        return ""
    _, name, allowed = min(against)
    return f"audit of {name}, which says {' or '.join(classes[c] for c in allowed)}"

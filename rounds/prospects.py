"""What another hour of an expert is worth, from the rounds so far."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

import db.rounds
from active_learning.stopping import agreement, prospect, share_changed
from rounds.artifacts import get
from rounds.workspace import Workspace

_YARDSTICK = "held_out_gold"

STEADY = 0.99
"""Agreement of successive models, two rounds running, above which labels hardly change them."""

FIGURES = ("gain", "low", "high")


def steadiness(workspace: Workspace, number: int, said: pd.DataFrame) -> dict[str, float]:
    """How far a round's model answers as the last one's did: `model_agreement` (Cohen's kappa) and
    `answers_changed`, a share averaged over emotions; nothing where there is no last one.

    `said` has segment_id and p_<class>, as the last round's scores have.
    """
    with workspace.reading() as tx:
        done = [r.number for r in db.rounds.list_rounds(tx) if r.number < number and r.finished_at]
        scored = db.rounds.results(tx, done[-1]).get("score") if done else None
    if not scored:
        return {}
    try:
        before = get(workspace, *scored["artifact"]).frame()
    except ValueError:  # its files are gone: there is nothing to compare with
        return {}
    columns = [name for name in said if name.startswith("p_") and name in before]
    both = said.merge(before, on="segment_id", suffixes=("", "_before"))
    if both.empty or not columns:
        return {}
    now = both[columns].to_numpy().argmax(axis=1)
    then = both[[f"{name}_before" for name in columns]].to_numpy().argmax(axis=1)
    return {
        "model_agreement": agreement(then, now),
        "answers_changed": share_changed(then, now),
    }


def another_hour(
    rounds: Sequence[Mapping[str, Any]], pool: pd.DataFrame, handling_s: float
) -> dict[str, Any]:
    """`another_hour` (gain, low, high in UAR) and `prospect`, a line for people; empty at first.

    `rounds` are the rounds' flat rows in order (`n_bought`, `held_out_gold.uar` and `.n`,
    `model_agreement`, `answers_changed`); an expert's time is the mean duration of the pool's
    segments and what handling one takes.
    """
    row = rounds[-1]
    lines, found = [], {}
    judged = [one for one in rounds if one.get(f"{_YARDSTICK}.uar") is not None]
    if len(judged) >= 3:
        each_h = (float(pool["duration_s"].mean()) + handling_s) / 3600
        worth = prospect(
            np.array([one["n_bought"] for one in judged], dtype=float) * each_h,
            [one[f"{_YARDSTICK}.uar"] for one in judged],
            n_judged=[one[f"{_YARDSTICK}.n"] for one in judged],
            changed=row.get("answers_changed"),
        )
        if np.isfinite(worth.gain):
            lines.append(str(worth))
            found["another_hour"] = {name: getattr(worth, name) for name in FIGURES}
    if row.get("model_agreement") is not None:
        lines.append(
            f"this model and the last agree to {row['model_agreement']:.2f} (kappa), "
            f"{row['answers_changed']:.0%} of the answers changed"
        )
        last = [one.get("model_agreement") or 0.0 for one in rounds[-2:]]
        if len(last) == 2 and min(last) >= STEADY:
            lines.append("further labels hardly change the model: it may be time to stop")
    return found | ({"prospect": "; ".join(lines)} if lines else {})

"""What another hour of an expert is worth, from the rounds so far."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from active_learning.stopping import prospect
from rounds.selection import HANDLING_S

_YARDSTICK = "held_out_gold"


def another_hour(rounds: Sequence[Mapping[str, Any]], pool: pd.DataFrame) -> str | None:
    """A line for the report, or None before three rounds were judged on held-out gold.

    `rounds` are the rounds' flat rows in order (`n_bought`, `held_out_gold.uar` and `.n`); an
    expert's time is the mean duration of the pool's segments and what handling one takes.
    """
    rows = [row for row in rounds if row.get(f"{_YARDSTICK}.uar") is not None]
    if len(rows) < 3:
        return None
    each_h = (float(pool["duration_s"].mean()) + HANDLING_S) / 3600
    found = prospect(
        np.array([row["n_bought"] for row in rows], dtype=float) * each_h,
        [row[f"{_YARDSTICK}.uar"] for row in rows],
        n_judged=[row[f"{_YARDSTICK}.n"] for row in rows],
    )
    return str(found) if np.isfinite(found.gain) else None

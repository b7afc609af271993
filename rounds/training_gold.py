"""What may calibrate and judge the making of labels: gold of training speakers alone."""

import numpy as np
import pandas as pd

from rounds.artifacts import Made
from rounds.snapshot import gold_of
from rounds.workspace import Workspace

Gold = dict[str, tuple[np.ndarray, np.ndarray]]


def training_gold(workspace: Workspace, snapshot: Made, pool: pd.DataFrame) -> Gold:
    """Gold of training speakers per dimension: (rows of the pool, class or bin indices).

    Held-out speakers' gold is kept for judging and never calibrates anything.
    """
    classes, ratings = gold_of(workspace, snapshot)
    row_of = pd.Series(np.arange(len(pool)), index=pool["segment_id"])
    row_of = row_of[pool["split"].to_numpy() != "held_out"]
    out: Gold = {}
    known = [segment for segment in classes if segment in row_of.index]
    out["emotion"] = (
        row_of[known].to_numpy(dtype=np.int64),
        np.array([classes[segment] for segment in known], dtype=np.int64),
    )
    for scale in workspace.scheme.scales:
        rated = ratings[scale.name].dropna()
        rated = rated[rated.index.isin(row_of.index)]
        out[scale.name] = (
            row_of[rated.index].to_numpy(dtype=np.int64),
            scale.to_bin(rated.to_numpy()),
        )
    return out

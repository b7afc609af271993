"""How good the model and the weak labels are, on voices the model never heard.

Two yardsticks, never mixed: held-out gold (what experts said of the random slice) and, where a
corpus came with labels, its reference labels, which nothing else in a round may read.
"""

from typing import Any

import numpy as np
import pandas as pd

import db.reference_labels
from labels.metrics import ccc, scores
from labels.scheme import SchemeError
from rounds.artifacts import Made
from rounds.snapshot import gold_of
from rounds.workspace import Workspace


def evaluate(
    workspace: Workspace, snapshot: Made, soft: Made, said: Made
) -> dict[str, dict[str, Any]]:
    """Figures by yardstick: `held_out_gold`, `reference` (model), `weak_labels` (soft labels
    against reference labels), `weak_labels_gold` (against gold of held-out speakers).

    Held-out gold is what experts said of the batches' random slices, so figures on it are unbiased.
    A yardstick with nothing to measure on is left out. Each holds n, and where there are
    categories uar, macro_f1, accuracy, log_loss, ece, brier; ccc_<scale> where there are ratings.
    """
    pool = snapshot.frame("pool").set_index("segment_id")
    held_out = pool.index[pool["split"] == "held_out"]
    model = said.frame().set_index("segment_id")
    weak = soft.frame().set_index("segment_id")
    classes, ratings = gold_of(workspace, snapshot)
    gold = pd.Series(classes, dtype=float)
    reference, reference_ratings = reference_of(workspace)
    voted = weak.index[weak["confidence"] > 0]
    training = pool.index[pool["split"] != "held_out"]
    figures = {
        "held_out_gold": measure(workspace, model, gold, ratings, held_out),
        "reference": measure(workspace, model, reference, reference_ratings, held_out),
        "weak_labels": measure(
            workspace, weak, reference, reference_ratings, training.intersection(voted)
        ),
        "weak_labels_gold": measure(workspace, weak, gold, ratings, held_out.intersection(voted)),
    }
    return {name: found for name, found in figures.items() if found}


def measure(
    workspace: Workspace,
    said: pd.DataFrame,
    truth: pd.Series,
    ratings: pd.DataFrame,
    where: pd.Index,
) -> dict[str, Any]:
    """Scores of a table of probabilities and means against truth, on the segments `where`."""
    classes = [f"p_{name}" for name in workspace.scheme.classes]
    out: dict[str, Any] = {}
    known = said.index.intersection(where).intersection(truth.dropna().index)
    if len(known):
        found = scores(said.loc[known, classes].to_numpy(), truth[known].to_numpy(dtype=np.int64))
        out |= {"n": len(known)} | found
    for scale in workspace.scheme.scales:
        if scale.name not in ratings or f"{scale.name}_mean" not in said:
            continue
        rated = ratings[scale.name].dropna()
        both = said.index.intersection(where).intersection(rated.index)
        mean = said.loc[both, f"{scale.name}_mean"].dropna()
        if len(mean) >= 3:
            out[f"ccc_{scale.name}"] = ccc(mean.to_numpy(), rated[mean.index].to_numpy())
    return out


def reference_of(workspace: Workspace) -> tuple[pd.Series, pd.DataFrame]:
    """Reference labels: (segment id -> class index, ratings a column a scale)."""
    with workspace.reading() as tx:
        frame = db.reference_labels.frame(tx)
    frame = frame.drop_duplicates(["segment_id", "dimension"])
    emotion = frame[frame["dimension"] == "emotion"].set_index("segment_id")["value"]
    index_of: dict[str, float] = {}
    for value in emotion.unique():
        try:
            index_of[value] = workspace.scheme.class_index(value)
        except SchemeError:  # labelled under another scheme: no yardstick for this one
            index_of[value] = np.nan
    ratings = frame[frame["dimension"] != "emotion"].pivot(
        index="segment_id", columns="dimension", values="value"
    )
    return emotion.map(index_of).astype(float), ratings.astype(float)

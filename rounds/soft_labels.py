"""Soft labels: the label model run over a snapshot's votes."""

from pathlib import Path

import pandas as pd

import models.soft_labels
from models.scale_estimates import ScaleEstimate
from models.soft_labels import SoftLabels
from rounds.artifacts import Json, Made, digest, make, write_frame
from rounds.training_gold import training_gold
from rounds.votes import read_votes
from rounds.workspace import Workspace

KIND = "soft_labels"


def estimate(workspace: Workspace, snapshot: Made, votes: Made, *, seed: int) -> Made:
    """Join the votes into a distribution a segment; gold of training speakers calibrates it.

    Table `data`: segment_id, p_<class>, confidence, <scale>_mean, <scale>_sd.
    """
    pool = snapshot.frame("pool")
    gold = training_gold(workspace, snapshot, pool)
    inputs = {
        "votes": votes.id,
        "scheme": workspace.scheme.digest,
        "gold": digest({name: [i.tolist(), v.tolist()] for name, (i, v) in gold.items()}),
        "seed": seed,
    }

    def build(folder: Path) -> Json:
        cast = read_votes(votes.frame(), workspace, len(pool))
        functions = {s for v in cast.values() for s in v.sources if s.startswith("function:")}
        soft = models.soft_labels.soft_labels(
            cast, workspace.scheme, gold=gold, functions=functions, seed=seed
        )
        write_frame(to_frame(soft, pool["segment_id"], workspace), folder)
        return {"n_rows": len(pool), **soft.report}

    return make(workspace, KIND, "2", inputs, build)


def to_frame(soft: SoftLabels, segment_ids: pd.Series, workspace: Workspace) -> pd.DataFrame:
    """Soft labels as a table, a row a segment."""
    columns: dict[str, object] = {"segment_id": segment_ids.to_numpy()}
    for j, name in enumerate(workspace.scheme.classes):
        columns[f"p_{name}"] = soft.proba[:, j]
    columns["confidence"] = soft.confidence
    for name, scale in soft.scales.items():
        columns[f"{name}_mean"] = scale.mean
        columns[f"{name}_sd"] = scale.sd
    return pd.DataFrame(columns)


def from_frame(frame: pd.DataFrame, workspace: Workspace) -> SoftLabels:
    """The table of a soft-label artifact as SoftLabels (with an empty report)."""
    return SoftLabels(
        proba=frame[[f"p_{name}" for name in workspace.scheme.classes]].to_numpy(),
        confidence=frame["confidence"].to_numpy(),
        scales={
            scale.name: ScaleEstimate(
                mean=frame[f"{scale.name}_mean"].to_numpy(), sd=frame[f"{scale.name}_sd"].to_numpy()
            )
            for scale in workspace.scheme.scales
            if f"{scale.name}_mean" in frame
        },
        report={},
    )

"""Train: soft labels and gold of the training speakers become an emotion model."""

from pathlib import Path

import numpy as np

from labels.scheme import Scheme
from models.emotion_model import EmotionModel
from models.training import Targets, train
from rounds import inputs
from rounds.artifacts import Json, Made, make
from rounds.snapshot import crowd_of, gold_of
from rounds.soft_labels import from_frame
from rounds.workspace import Progress, Workspace, silent

KIND = "model"


def fit(
    workspace: Workspace,
    snapshot: Made,
    soft: Made,
    *,
    seed: int,
    progress: Progress = silent,
) -> Made:
    """Train on the training speakers; the artifact's folder holds the saved model."""
    pool = snapshot.frame("pool")
    read = inputs.of(workspace, pool)
    made_from = {
        "soft_labels": soft.id,
        "snapshot": snapshot.id,
        "inputs": read.id,
        "seed": seed,
    }

    def build(folder: Path) -> Json:
        inside = read.known & (pool["split"] != "held_out").to_numpy()
        if not inside.any():
            raise ValueError(
                "there is nothing to train on: no segment of a training speaker has features "
                "(`undertone ingest SOURCE`, then `undertone features`)"
            )
        targets = targets_of(workspace, snapshot, soft, inside)
        model = train(
            read.raw[inside],
            targets,
            pool.loc[inside, "speaker_id"].tolist(),
            classes=workspace.scheme.classes,
            scales=scale_ranges(workspace.scheme),
            seed=seed,
            feature_names=read.front_end.names,
            row_names=pool.loc[inside, "segment_id"].tolist(),
            progress=lambda done, total: progress("train", done, total),
        )
        model.save(folder / "model")
        return {
            "n_rows": int(inside.sum()),
            "n_gold": int(targets.is_gold.sum()),
            "n_weak": int(((targets.weight > 0) & ~targets.is_gold).sum()),
            "feature_version": read.front_end.version,
            **model.report,
        }

    return make(workspace, KIND, "5", made_from, build)


def load_model(made: Made) -> EmotionModel:
    """The model of a training artifact."""
    return EmotionModel.load(made.folder / "model")


def scale_ranges(scheme: Scheme) -> dict[str, tuple[float, float]]:
    """Each scale's name with its lowest and highest rating."""
    return {scale.name: (scale.low, scale.high) for scale in scheme.scales}


def targets_of(workspace: Workspace, snapshot: Made, soft: Made, inside: np.ndarray) -> Targets:
    """Soft labels weighted by confidence, with gold in their place where there is gold."""
    pool = snapshot.frame("pool")
    weak = from_frame(soft.frame(), workspace)
    classes, ratings = gold_of(workspace, snapshot)
    proba, weight = weak.proba.copy(), weak.confidence.copy()
    gold_row = pool["segment_id"].map(classes)
    is_gold = gold_row.notna().to_numpy()
    proba[is_gold] = np.eye(len(workspace.scheme.classes))[gold_row[is_gold].to_numpy(dtype=int)]
    weight[is_gold] = 1.0
    scales = np.full((len(pool), len(workspace.scheme.scales)), np.nan)
    scale_weight = np.zeros_like(scales)
    for j, scale in enumerate(workspace.scheme.scales):
        if scale.name in weak.scales:
            scales[:, j] = weak.scales[scale.name].mean
            spread = weak.scales[scale.name].sd / (scale.high - scale.low)
            scale_weight[:, j] = np.where(np.isnan(scales[:, j]), 0.0, np.exp(-4 * spread))
        rated = pool["segment_id"].map(ratings[scale.name])
        has = rated.notna().to_numpy()
        scales[has, j], scale_weight[has, j] = rated[has], 1.0
    votes = np.where(weak.confidence[:, None] > 0, weak.proba, np.nan)
    heard = pool["segment_id"].isin(crowd_of(snapshot, "emotion")["segment_id"]).to_numpy()
    return Targets(
        proba=proba[inside],
        weight=weight[inside],
        scales=scales[inside],
        scale_weight=np.nan_to_num(scale_weight[inside]),
        is_gold=is_gold[inside],
        votes=votes[inside],
        heard=heard[inside],
    )

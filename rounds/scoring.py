"""Score: what the model says of every segment of the pool."""

from pathlib import Path

import numpy as np
import pandas as pd

from audio.features import FEATURE_VERSION
from rounds import features
from rounds.artifacts import Json, Made, digest, make, write_frame
from rounds.training import load_model, model_input
from rounds.workspace import Workspace

KIND = "scores"


def score(workspace: Workspace, snapshot: Made, model: Made) -> Made:
    """Table `data`: segment_id, p_<class>, <scale>_mean, <scale>_sd, where there are features."""
    pool = snapshot.frame("pool")
    known = features.load(workspace, pool["segment_id"].tolist())
    inputs = {
        "snapshot": snapshot.id,
        "model": model.id,
        "features": [FEATURE_VERSION, digest(known.index.tolist())],
    }

    def build(folder: Path) -> Json:
        inside = pool["segment_id"].isin(known.index).to_numpy()
        said = load_model(model).predict(model_input(pool, known)[inside])
        columns: dict[str, object] = {"segment_id": pool.loc[inside, "segment_id"].to_numpy()}
        for j, name in enumerate(workspace.scheme.classes):
            columns[f"p_{name}"] = said.proba[:, j]
        for j, scale in enumerate(workspace.scheme.scales):
            columns[f"{scale.name}_mean"] = said.scale_mean[:, j]
            columns[f"{scale.name}_sd"] = said.scale_sd[:, j]
        frame = pd.DataFrame(columns)
        write_frame(frame, folder)
        share = np.bincount(said.proba.argmax(axis=1), minlength=len(workspace.scheme.classes))
        return {
            "n_rows": len(frame),
            "predicted": dict(zip(workspace.scheme.classes, share.tolist(), strict=True)),
        }

    return make(workspace, KIND, "1", inputs, build)

"""Score: what the model says of every segment of the pool."""

from pathlib import Path

import numpy as np
import pandas as pd

from rounds import inputs
from rounds.artifacts import Json, Made, make, write_frame
from rounds.training import load_model
from rounds.workspace import Workspace

KIND = "scores"


def score(workspace: Workspace, snapshot: Made, model: Made) -> Made:
    """Table `data`: segment_id, p_<class>, <scale>_mean, <scale>_sd, where there are features."""
    pool = snapshot.frame("pool")
    read = inputs.of(workspace, pool)
    made_from = {"snapshot": snapshot.id, "model": model.id, "inputs": read.id}

    def build(folder: Path) -> Json:
        trained = load_model(model)
        said = trained.predict(read.for_model(trained)[read.known])
        columns: dict[str, object] = {"segment_id": pool.loc[read.known, "segment_id"].to_numpy()}
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

    return make(workspace, KIND, "1", made_from, build)

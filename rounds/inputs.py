"""What is read of a pool's features, made once for all who need them.

A model is given them as they are, with who speaks, and normalises by what it learnt of voices;
whoever has no model yet takes them normalised by the pool itself.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audio.front_ends import FrontEnd
from audio.front_ends.choosing import resolve
from audio.normalization import by_speaker
from models.emotion_model import EmotionModel
from rounds import features
from rounds.artifacts import Json, digest_frame, make, write_frame
from rounds.workspace import Workspace

KIND = "inputs"


@dataclass(frozen=True)
class Inputs:
    """A pool as it is read, rows in the pool's order.

    `values` (n, d) float32, normalised by speaker, and `raw` (n, d) as extracted, a row of NaN for
    a segment without features; `known` (n,) says which have features, `speakers` (n,) who speaks;
    `front_end` made the features; `id` is that of the artifact.
    """

    id: str
    values: NDArray[np.float32]
    raw: NDArray[np.float32]
    known: NDArray[np.bool_]
    speakers: tuple[str, ...]
    front_end: FrontEnd

    def for_model(self, model: EmotionModel) -> NDArray[np.float64]:
        """What `model.predict` reads of every row, each speaker known by all their rows."""
        return model.inputs(self.raw, self.speakers)


def of(workspace: Workspace, pool: pd.DataFrame) -> Inputs:
    """The inputs of a pool (columns segment_id, speaker_id) from the features there are."""
    front = resolve(workspace.front_end)
    stored = features.stored_ids(workspace, workspace.front_end)
    known = pool["segment_id"].map(stored.__contains__).to_numpy(dtype=bool)
    about = pool[["segment_id", "speaker_id"]].assign(known=known)

    def build(folder: Path) -> Json:
        raw = features.load(workspace, pool["segment_id"].tolist(), workspace.front_end)
        raw = raw.reindex(pool["segment_id"])
        scaled = by_speaker(raw.to_numpy(dtype=float), pool["speaker_id"].tolist())
        values = pd.DataFrame(scaled.astype(np.float32), columns=list(front.names))
        write_frame(values, folder)
        write_frame(raw.reset_index(drop=True).astype(np.float32), folder, "raw")
        return {"n_rows": len(values)}

    made_from = {"pool": digest_frame(about), "features": front.version}
    made = make(workspace, KIND, "2", made_from, build)
    return Inputs(
        made.id,
        made.frame().to_numpy(dtype=np.float32),
        made.frame("raw").to_numpy(dtype=np.float32),
        known,
        tuple(pool["speaker_id"]),
        front,
    )

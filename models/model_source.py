"""A model by whatever name it is given: a file, a folder, or a URI of MLflow's."""

import tempfile
from pathlib import Path
from typing import Any

from models.emotion_model import EmotionModel, ModelError
from models.mlflow_setup import globally, one_line, quiet_mlflow

FILE = "emotion_model.npz"
URIS = ("models:/", "runs:/", "mlflow-artifacts:/", "http://", "https://")


def load(where: str, tracking_uri: str) -> EmotionModel:
    """The model in a file that `save` wrote, in a folder that MLflow wrote (or serves from), or
    at a URI such as models:/NAME/VERSION, models:/NAME@champion or runs:/RUN/emotion_model.

    Raises ModelError or TrackingError in one line.
    """
    if where.startswith(URIS):
        with one_line(tracking_uri, f"fetching {where}"):
            return _fetched(where, tracking_uri)
    path = Path(where).expanduser()
    if path.is_dir():
        found = sorted(path.rglob(FILE))
        if not found:
            raise ModelError(f"model folder {path} holds no {FILE}")
        path = found[0]
    if not path.exists():
        raise ModelError(f"model {path} does not exist (a .npz file, a folder or models:/… is one)")
    return EmotionModel.load(path)


def _fetched(uri: str, tracking_uri: str) -> EmotionModel:
    mlflow: Any = quiet_mlflow()
    with tempfile.TemporaryDirectory() as folder, globally(tracking_uri):
        got = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder))
        files = [got] if got.is_file() else sorted(got.rglob(FILE))
        if not files:
            raise ModelError(f"{uri} holds no {FILE}")
        return EmotionModel.load(files[0])

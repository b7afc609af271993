"""A model's prediction as a table for people and for programs in other languages."""

from typing import Any

import numpy as np
import pandas as pd

from models.emotion_model import EmotionModel

SPEAKER = "speaker"


def answers(model: EmotionModel, features: Any) -> pd.DataFrame:
    """One row a segment, from features (n, d): an array, or a table whose columns have names.

    Columns: `emotion`, `confidence` (its probability), `proba_<class>` for every class, and for
    every scale its mean under its name and its `<scale>_sd`, in scale units. Where the model
    knows its features' names, a table may hold more columns, in any order. In a column `speaker`
    rows of one name tell what is usual for that speaker; an empty name tells nothing.
    """
    speakers = None
    if isinstance(features, pd.DataFrame) and SPEAKER in features.columns:
        speakers = [None if pd.isna(name) else str(name) for name in features[SPEAKER]]
        features = features.drop(columns=SPEAKER)
    if isinstance(features, pd.DataFrame) and model.feature_names:
        missing = [name for name in model.feature_names if name not in features.columns]
        if missing:
            raise ValueError(f"feature {missing[0]!r} is not among the table's columns")
        features = features[list(model.feature_names)]
    rows = np.asarray(features, dtype=np.float64)
    said = model.predict(rows if speakers is None else _known(model, rows, speakers))
    best = said.proba.argmax(axis=1)
    table: dict[str, Any] = {
        "emotion": model.classes_[best].astype(object),
        "confidence": said.proba[np.arange(len(best)), best],
    }
    for j, name in enumerate(model.classes):
        table[f"proba_{name}"] = said.proba[:, j]
    for j, name in enumerate(model.scales):
        table[name] = said.scale_mean[:, j]
        table[f"{name}_sd"] = said.scale_sd[:, j]
    return pd.DataFrame(table)


def _known(model: EmotionModel, rows: np.ndarray, speakers: list[str | None]) -> np.ndarray:
    """Model inputs; of whoever has no name nothing is known, not even by their own row."""
    wide = model.inputs(rows, speakers)
    nameless = np.array([not name for name in speakers], dtype=bool)
    wide[nameless] = model.inputs(rows[nameless])
    return wide

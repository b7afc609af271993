"""An evaluation's answers as a table, a row a segment."""

import numpy as np
import pandas as pd

from labels.scheme import Scheme
from rounds.corpus_evaluation import Evaluated


def predictions_table(found: Evaluated, scheme: Scheme) -> pd.DataFrame:
    """path, start_s, end_s, speaker, reference, said, confidence, p_<emotion>, scales' means."""
    del scheme
    proba, leaves = found.said.proba, found.said.proba_leaves
    about = found.test.about
    table = pd.DataFrame(
        {
            "path": about["path"],
            "start_s": about["start_s"],
            "end_s": about["end_s"],
            "speaker": about["speaker_id"],
            "reference": found.test.emotions,
            "said": np.asarray(found.classes)[proba.argmax(axis=1)],
            "confidence": proba.max(axis=1),
        }
    )
    for j, name in enumerate(found.classes):
        table[f"p_{name}"] = proba[:, j]
    for j, name in enumerate(found.leaves):
        if name not in found.classes:
            table[f"p_{name}"] = leaves[:, j]
    for j, name in enumerate(found.test.scales):
        if np.isfinite(found.said.scale_mean[:, j]).any():
            table[name] = found.said.scale_mean[:, j]
            if np.isfinite(found.test.ratings[:, j]).any():
                table[f"reference_{name}"] = found.test.ratings[:, j]
    return table

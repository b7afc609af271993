import os
from pathlib import Path

import numpy as np
import pytest

from audio.decoding import read
from audio.features import extract
from audio.normalization import by_speaker
from labels import metrics
from models.classifier import EmotionClassifier

DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.mark.slow
def test_emotions_of_speakers_never_heard_are_recognised_in_emodb():
    folder = DATA / "emodb"
    if not folder.is_dir():
        pytest.skip(f"EMO-DB is not at {folder} (set UNDERTONE_TEST_DATA)")
    files = sorted(folder.rglob("*.wav"))[::2]
    features = np.array([extract(read(file)) for file in files], dtype=np.float64)
    speakers = np.array([file.name[:2] for file in files])
    emotions = np.array([file.name[5] for file in files])
    inputs = by_speaker(features, speakers.tolist())
    held_out = np.isin(speakers, ["03", "08", "16"])
    fitted = EmotionClassifier().fit(inputs[~held_out], emotions[~held_out], speakers[~held_out])
    proba = fitted.predict_proba(inputs[held_out])
    truth = np.searchsorted(fitted.classes_, emotions[held_out])
    assert metrics.uar(proba, truth) > 0.75
    assert metrics.ece(proba, truth) < 0.15

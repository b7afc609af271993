"""Do the shipped functions hold on people? Both corpora, with thresholds that fit neither."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from audio.features import FEATURE_NAMES, extract
from audio.normalization import by_speaker
from labeling_functions import apply, load
from labels.agreement import source_accuracy
from labels.majority import majority_share
from labels.metrics import log_loss, uar
from labels.scheme import Scheme

SCHEME = Scheme.default()
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", Path(__file__).parents[3] / "shared/data"))
EMODB = {"W": "anger", "N": "neutral", "F": "happiness", "T": "sadness"}


def clips_of_emodb() -> pd.DataFrame:
    files = sorted((DATA / "emodb" / "wav").glob("*.wav"))
    files = [file for i, file in enumerate(files) if i % 3]
    if not files:
        pytest.skip(f"no EMO-DB at {DATA / 'emodb'}")
    return pd.DataFrame(
        {
            "file": files,
            "speaker": [f.stem[:2] for f in files],
            "emotion": [EMODB[f.stem[5]] for f in files],
            "transcript": None,
            "language": "de",
        }
    )


def clips_of_nemo() -> pd.DataFrame:
    listing = DATA / "nemo" / "data.tsv"
    if not listing.is_file():
        pytest.skip(f"no nEMO at {DATA / 'nemo'}")
    rows = pd.read_csv(listing, sep="\t", dtype=str).sample(300, random_state=5)
    return pd.DataFrame(
        {
            "file": [listing.parent / "samples" / name.strip() for name in rows["file_id"]],
            "speaker": rows["speaker_id"].str.strip(),
            "emotion": rows["emotion"].str.strip(),
            "transcript": rows["raw_text"],
            "language": "pl",
        }
    )


def voted_on(clips: pd.DataFrame):
    raw = np.stack([extract(soundfile.read(f, dtype="float32")[0]) for f in clips["file"]])
    z = by_speaker(raw, clips["speaker"].tolist())
    names = [*FEATURE_NAMES, *(f"{name}_z" for name in FEATURE_NAMES)]
    table = pd.DataFrame(np.hstack([raw, z]), columns=names)
    for name in ("transcript", "language", "speaker"):
        table[name] = clips[name].to_numpy()
    applied = apply(load().functions, table, SCHEME)
    assert applied.problems == []
    truth = np.array([SCHEME.class_index(emotion) for emotion in clips["emotion"]])
    return applied.votes["emotion"], truth


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clips", "least_uar", "most_loss"), [(clips_of_emodb, 0.55, 1.4), (clips_of_nemo, 0.38, 1.55)]
)
def test_every_function_beats_chance_and_their_majority_beats_not_knowing(
    clips, least_uar, most_loss
):
    votes, truth = voted_on(clips())
    table = source_accuracy(votes, truth)
    heard = table[table["n_known"] >= 20]
    assert len(heard) >= 10
    assert (heard["accuracy"] > heard["chance"] + 0.1).all(), heard
    assert table.loc["excited_voice", "accuracy"] > 0.85
    proba = majority_share(votes)
    assert uar(proba, truth) > least_uar
    assert log_loss(proba, truth) < most_loss < np.log(7)


@pytest.mark.slow
def test_words_stay_silent_where_one_sentence_is_spoken_in_every_emotion():
    votes, _ = voted_on(clips_of_nemo().iloc[:60])
    assert not (votes.source == votes.sources.index("words")).any()

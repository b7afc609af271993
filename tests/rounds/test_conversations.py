"""Segments in the order in which they are spoken, and each against those around it."""

import numpy as np
import pandas as pd
import pytest

from audio.vocabulary import FEATURE_NAMES
from rounds.conversations import SEEN, neighbour_columns, ordered
from rounds.votes import function_table

POOL = pd.DataFrame(
    {
        "segment_id": list("abcdef"),
        "recording_id": ["r2", "r1", "r1", "r3", "r4", "r5"],
        "corpus": "c",
        "start_s": [0.0, 5.0, 1.0, 0.0, 0.0, 0.0],
        "session": [None, None, None, "talk", "talk", "talk"],
        "turn": [None, None, None, "10", "2", "1"],
        "speaker_id": list("xxxyzy"),
    }
)


def test_turns_follow_their_number_and_segments_their_time():
    conversation, order = ordered(POOL)
    assert conversation.tolist() == ["r2", "r1", "r1", "c/talk", "c/talk", "c/talk"]
    assert "".join(POOL["segment_id"].to_numpy()[order]) == "fedcba"


def test_a_turn_that_is_louder_than_those_before_it_says_so():
    z = pd.DataFrame(0.0, index=list("abcdef"), columns=[f"{name}_z" for name in SEEN])
    z["loudness_db_mean_z"] = [0.0, 3.0, 1.0, 5.0, 2.0, 1.0]
    seen = neighbour_columns(POOL, z)
    before = seen["loudness_db_mean_z_vs_before"]
    assert before["b"] == 2
    assert before["d"] == pytest.approx(5 - 1.5)
    assert before["e"] == 1
    assert before[["a", "c", "f"]].isna().all()
    assert seen["loudness_db_mean_z_vs_after"]["c"] == -2
    assert seen.shape == (6, 2 * len(SEEN))


def test_labelling_functions_find_them_in_their_table():
    values = np.random.default_rng(0).normal(size=(6, len(FEATURE_NAMES)))
    known = pd.DataFrame(values, index=list("abcdef"), columns=list(FEATURE_NAMES))
    table = function_table(POOL, known)
    expected = table["loudness_db_mean_z"]["b"] - table["loudness_db_mean_z"]["c"]
    assert table["loudness_db_mean_z_vs_before"]["b"] == pytest.approx(expected, abs=1e-5)

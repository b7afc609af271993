"""What the model reads follows the pool and the features there are, and nothing older."""

import numpy as np
import pandas as pd
import pytest

from audio.features import FEATURE_NAMES
from labels.scheme import Scheme
from rounds import features, inputs
from rounds.workspace import Workspace

POOL = pd.DataFrame(
    {
        "segment_id": [f"s{i}" for i in range(40)],
        "speaker_id": ["ada"] * 20 + ["ben"] * 20,
    }
)


@pytest.fixture
def workspace(tmp_path):
    return Workspace.open(
        database_url=f"sqlite:///{tmp_path}/undertone.db",
        data_dir=tmp_path,
        scheme=Scheme.default(),
    )


def store(workspace, segment_ids, name, seed=0):
    """Features as a chunk leaves them: ben's are all higher."""
    ben = np.array([segment_id in set(POOL["segment_id"][20:]) for segment_id in segment_ids])
    values = np.random.default_rng(seed).normal(size=(len(segment_ids), len(FEATURE_NAMES)))
    frame = pd.DataFrame(values + 10 * ben[:, None], columns=list(FEATURE_NAMES), dtype=np.float32)
    frame.insert(0, "segment_id", list(segment_ids))
    target = workspace.artifacts / features.KIND / features.FEATURE_VERSION / f"{name}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(target, index=False)
    features.record(workspace, features.Extracted(target, len(frame), ()))


def test_each_speaker_is_measured_against_their_own_voice(workspace):
    store(workspace, POOL["segment_id"], "all")
    read = inputs.of(workspace, POOL)
    assert read.known.all()
    assert read.values.dtype == np.float32
    assert abs(read.values[:20].mean()) < 0.02
    assert abs(read.values[20:].mean()) < 0.02


def test_a_segment_without_features_is_a_row_of_nan_in_its_place(workspace):
    there = POOL["segment_id"].drop([3, 30])
    store(workspace, there[::-1], "some")
    read = inputs.of(workspace, POOL)
    assert np.flatnonzero(~read.known).tolist() == [3, 30]
    assert np.isnan(read.values[~read.known]).all()
    assert np.isfinite(read.values[read.known]).all()


def test_without_any_features_nothing_is_known(workspace):
    read = inputs.of(workspace, POOL)
    assert not read.known.any()
    assert read.values.shape == (40, len(FEATURE_NAMES))


def test_features_that_come_later_are_read(workspace):
    store(workspace, POOL["segment_id"][:25], "first")
    first = inputs.of(workspace, POOL)
    store(workspace, POOL["segment_id"][25:], "later", seed=1)
    later = inputs.of(workspace, POOL)
    assert later.id != first.id
    assert later.known.all()


def test_a_segment_given_to_another_speaker_is_measured_anew(workspace):
    store(workspace, POOL["segment_id"], "all")
    first = inputs.of(workspace, POOL)
    later = inputs.of(workspace, POOL.assign(speaker_id=["ada"] * 19 + ["ben"] * 21))
    assert later.id != first.id
    assert not np.array_equal(later.values, first.values)


def test_the_same_pool_and_features_are_the_same_artifact(workspace):
    store(workspace, POOL["segment_id"], "all")
    assert inputs.of(workspace, POOL).id == inputs.of(workspace, POOL).id

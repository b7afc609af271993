"""The demo's stage."""

import pytest

import db.judgements
from labels.scheme import Scheme
from rounds.demonstration import N_ANNOTATORS, set_up
from rounds.workspace import Workspace


@pytest.mark.slow
def test_the_crowd_hears_part_of_the_clips_and_setting_up_again_stores_nothing_twice(tmp_path):
    workspace = Workspace.open(
        database_url=f"sqlite:///{tmp_path}/undertone.db",
        data_dir=tmp_path / "data",
        scheme=Scheme.default(),
    )
    n_votes = set_up(workspace, tmp_path / "speech", seed=1, n_clips=48)
    assert set_up(workspace, tmp_path / "speech", seed=1, n_clips=48) == n_votes
    with workspace.reading() as tx:
        stored = db.judgements.read(tx, roles=["crowd"])
    assert len(stored) == n_votes
    assert {one.role for one in stored} == {"crowd"}
    assert len({one.annotator for one in stored}) == N_ANNOTATORS
    assert len({one.segment_id for one in stored}) < 48 * 0.99

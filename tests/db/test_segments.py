import numpy as np
import pandas as pd
import pytest
from sqlalchemy.exc import IntegrityError

import db.recordings
import db.segments
from db.engine import transaction
from tests.db.samples import a_recording, a_segment, store

COLUMNS = """
    segment_id recording_id path uri corpus start_s end_s duration_s level parent_id speaker_id
    speaker gender age language dialect style session turn consent transcript split
"""


def test_segments_are_stored_once(engine):
    recording = a_recording()
    one = a_segment(recording)
    with transaction(engine) as tx:
        db.recordings.add(tx, [recording])
        assert db.segments.add(tx, [one, one]) == [one.id]
        assert db.segments.add(tx, [one]) == []


def test_a_parent_may_come_after_its_children(engine):
    recording = a_recording()
    turn = a_segment(recording, level="turn")
    word = a_segment(recording, level="word", end_s=0.5, parent_id=turn.id)
    with transaction(engine) as tx:
        db.recordings.add(tx, [recording])
        assert db.segments.add(tx, [word, turn]) == [word.id, turn.id]


@pytest.mark.parametrize(
    "wrong", [{"level": "sentence"}, {"parent_id": "nobody"}, {"recording_id": "none"}]
)
def test_a_segment_that_does_not_fit_the_records_is_refused(engine, wrong):
    recording = a_recording()
    with pytest.raises(IntegrityError), transaction(engine) as tx:
        db.recordings.add(tx, [recording])
        db.segments.add(tx, [a_segment(recording, **wrong)])


def test_the_pool_stands_in_order_of_arrival_with_what_is_known(engine):
    names = [f"r{i}" for i in np.random.default_rng(0).permutation(2_000)]
    with transaction(engine) as tx:
        ids = store(tx, [a_recording(name, speaker="ada", age=30.0) for name in names])
        frame = db.segments.frame(tx)
    assert list(frame.columns) == COLUMNS.split()
    assert frame["segment_id"].tolist() == ids
    assert frame["path"].tolist() == [f"/speech/{name}.wav" for name in names]
    assert frame["age"].eq(30.0).all()
    assert frame["gender"].isna().all()
    assert frame["duration_s"].eq(3.0).all()


def test_an_empty_pool_has_the_same_columns_and_types_as_a_full_one(engine):
    with transaction(engine) as tx:
        empty = db.segments.frame(tx)
        store(tx, [a_recording()])
        full = db.segments.frame(tx)
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)
    assert len(empty) == 0
    assert empty["start_s"].dtype == np.float64


def test_recordings_without_consent_are_left_out_unless_asked_for(engine):
    said = [None, "yes", "no", " Withdrawn ", "REFUSED"]
    with transaction(engine) as tx:
        ids = store(tx, [a_recording(f"r{i}", consent=text) for i, text in enumerate(said)])
        assert db.segments.frame(tx)["segment_id"].tolist() == ids[:2]
        assert len(db.segments.frame(tx, consented_only=False)) == len(said)


def test_a_level_can_be_asked_for_and_a_segments_own_words_come_first(engine):
    recording = a_recording(transcript="good morning")
    whole = a_segment(recording)
    word = a_segment(recording, level="word", end_s=0.4, parent_id=whole.id, transcript="good")
    with transaction(engine) as tx:
        db.recordings.add(tx, [recording])
        db.segments.add(tx, [whole, word])
        words = db.segments.frame(tx, level="word")
        assert db.segments.frame(tx)["transcript"].tolist() == ["good morning", "good"]
    assert words["parent_id"].tolist() == [whole.id]
    assert words["transcript"].tolist() == ["good"]

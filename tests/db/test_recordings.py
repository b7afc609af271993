from dataclasses import replace
from datetime import timedelta, timezone

import pytest

import db.recordings
import db.speakers
from db.engine import transaction
from db.records import SourceFile
from tests.db.samples import NOON, a_recording


def test_a_recording_comes_back_as_it_went_in(engine):
    given = a_recording(
        speaker="ada", gender="female", age=31.5, language="pl", consent="yes", transcript="Żółw."
    )
    with transaction(engine) as tx:
        assert db.recordings.add(tx, [given]) == [given.id]
    with transaction(engine, write=False) as tx:
        assert db.recordings.get(tx, given.id) == given
        assert db.recordings.get(tx, "nothing") is None


def test_times_come_back_aware_and_in_utc_whatever_zone_they_went_in_with(engine):
    in_warsaw = NOON.astimezone(timezone(timedelta(hours=1)))
    with transaction(engine) as tx:
        db.recordings.add(tx, [a_recording(added_at=in_warsaw)])
        found = db.recordings.get(tx, a_recording().id)
    assert found.added_at == NOON
    assert found.added_at.utcoffset() == timedelta(0)


def test_a_naive_time_is_refused(engine):
    with pytest.raises(ValueError, match="no time zone"), transaction(engine) as tx:
        db.recordings.add(tx, [a_recording(added_at=NOON.replace(tzinfo=None))])


def test_an_age_that_is_nan_is_not_known(engine):
    with transaction(engine) as tx:
        db.recordings.add(tx, [a_recording(age=float("nan"))])
        assert db.recordings.get(tx, a_recording().id).age is None


def test_the_same_content_is_kept_once_and_first_come_stands(engine):
    first, again = a_recording("a"), a_recording("a", corpus="another")
    with transaction(engine) as tx:
        assert db.recordings.add(tx, [first, again]) == [first.id]
    with transaction(engine) as tx:
        assert db.recordings.add(tx, [again, a_recording("b")]) == [a_recording("b").id]
        assert db.recordings.get(tx, first.id).corpus == "sample"


def test_thousands_of_recordings_at_once_are_answered_in_their_order(engine):
    given = [a_recording(f"r{i}") for i in range(1_500)]
    with transaction(engine) as tx:
        assert db.recordings.add(tx, given) == [one.id for one in given]
        assert db.recordings.add(tx, given) == []


def test_speakers_come_with_their_recordings_and_later_facts_fill_the_gaps(engine):
    with transaction(engine) as tx:
        db.recordings.add(tx, [a_recording("a", speaker="ada"), a_recording("b")])
        db.recordings.add(tx, [a_recording("c", speaker="ada", gender="female", age=30.0)])
        db.recordings.add(tx, [a_recording("d", speaker="ada", gender="unknown")])
        speakers = {one.id: one for one in db.speakers.list_speakers(tx)}
    assert set(speakers) == {"ada", f"recording:{a_recording('b').id}"}
    assert (speakers["ada"].gender, speakers["ada"].age) == ("female", 30.0)


def test_revising_changes_what_is_said_of_a_recording_and_nothing_else(engine):
    given = [a_recording("a", speaker="ada", consent="yes"), a_recording("b")]
    withdrawn = replace(given[0], consent="withdrawn", path="/moved/z.wav", duration_s=99.0)
    with transaction(engine) as tx:
        db.recordings.add(tx, given)
        assert db.recordings.revise(tx, [withdrawn, given[1], a_recording("c")]) == [given[0].id]
        found = db.recordings.get(tx, given[0].id)
    assert found == replace(withdrawn, duration_s=given[0].duration_s)


def test_a_file_is_remembered_as_it_was_last_read(engine):
    file = SourceFile("file:///speech/a.wav", "sample", 10, 1_790_000_000_123_456_789)
    with transaction(engine) as tx:
        db.recordings.add(tx, [a_recording("a")])
        db.recordings.note_files(tx, [file])
        known = replace(file, size=11, recording_id=a_recording("a").id)
        db.recordings.note_files(tx, [file, known])
        found = db.recordings.source_files(tx, [file.uri, "file:///speech/b.wav"])
    assert found == {file.uri: known}

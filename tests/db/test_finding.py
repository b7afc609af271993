import db.recordings
import db.segments
from db.engine import transaction
from db.records import SourceFile
from tests.db.samples import a_recording, a_segment, store


def test_a_segment_is_found_by_every_name_people_use(engine):
    given = a_recording("s1/a.b")
    with transaction(engine) as tx:
        (segment,) = store(tx, [given])
        keys = [segment, given.id, given.path, given.uri, "s1/a.b.wav", "a.b.wav", "a.b"]
        found = db.segments.resolve_items(tx, keys)
    assert found == dict.fromkeys(keys, segment)
    assert found.unknown == ()


def test_a_name_that_nobody_knows_is_told_apart_from_one_that_fits_several(engine):
    with transaction(engine) as tx:
        first, _ = store(tx, [a_recording("x/a"), a_recording("y/a")])
        found = db.segments.resolve_items(tx, ["a", "a.wav", "x/a.wav", "b.wav", "a\0"])
    assert found == {"x/a.wav": first}
    assert found.ambiguous == {"a": 2, "a.wav": 2}
    assert found.unknown == ("b.wav", "a\0")


def test_a_stronger_kind_of_name_decides_before_a_weaker_one(engine):
    with transaction(engine) as tx:
        named_so, _ = store(tx, [a_recording("x/a"), a_recording("y/a.wav")])  # y/a.wav.wav
        assert db.segments.resolve_items(tx, ["a.wav"]) == {"a.wav": named_so}


def test_a_duplicate_is_found_by_the_name_of_either_file(engine):
    given = a_recording("a")
    with transaction(engine) as tx:
        (segment,) = store(tx, [given])
        copy = SourceFile("file:///elsewhere/copy.flac", "other", recording_id=given.id)
        db.recordings.note_files(tx, [copy])
        found = db.segments.resolve_items(tx, ["copy", "copy.flac", copy.uri, "a"])
    assert set(found.values()) == {segment}
    assert len(found) == 4


def test_a_recording_cut_up_stands_for_its_whole_or_for_none(engine):
    with_whole, without = a_recording("a"), a_recording("b")
    turn = a_segment(with_whole, level="turn")
    with transaction(engine) as tx:
        db.recordings.add(tx, [with_whole, without])
        db.segments.add(
            tx,
            [
                a_segment(with_whole, end_s=1.0),
                turn,
                a_segment(with_whole, start_s=1.0, end_s=2.0, parent_id=turn.id),
                a_segment(without, end_s=1.0),
                a_segment(without, start_s=1.0, end_s=2.0),
            ],
        )
        found = db.segments.resolve_items(tx, ["a", "b"])
    assert found == {"a": turn.id}
    assert found.ambiguous == {"b": 2}


def test_thousands_of_keys_are_resolved_together(engine):
    with transaction(engine) as tx:
        ids = store(tx, [a_recording(f"r{i}") for i in range(3_000)])
        found = db.segments.resolve_items(tx, [f"r{i}.wav" for i in range(3_000)])
    assert list(found.values()) == ids

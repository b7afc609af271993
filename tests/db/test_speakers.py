import pytest

import db.segments
import db.speakers
from db.engine import transaction
from tests.db.samples import a_recording, store


def _speech(n_by_speaker: dict[str, int], **about):
    return [
        a_recording(f"{who}-{i}", speaker=who, gender=who[0])
        for who, n in n_by_speaker.items()
        for i in range(n)
    ]


def _sides(tx) -> dict[str, str]:
    return {one.id: one.split for one in db.speakers.list_speakers(tx)}


def test_held_out_segments_come_near_the_fraction_wanted(engine):
    sizes = {f"{'fm'[i % 2]}{i}": 1 + i * 7 % 13 for i in range(40)}
    with transaction(engine) as tx:
        store(tx, _speech(sizes))
        assert db.speakers.assign_splits(tx, held_out_fraction=0.25, seed=3) == 40
        frame = db.segments.frame(tx)
    share = (frame["split"] == "held_out").groupby(frame["gender"]).mean()
    assert (frame["split"] == "held_out").mean() == pytest.approx(0.25, abs=0.02)
    assert share.to_dict() == pytest.approx({"f": 0.25, "m": 0.25}, abs=0.08)


def test_the_same_seed_decides_the_same_and_another_one_otherwise(engine):
    sides = []
    for seed in (1, 1, 2):
        with pytest.raises(ZeroDivisionError), transaction(engine) as tx:  # undone each time
            store(tx, _speech({f"f{i}": 3 for i in range(12)}))
            db.speakers.assign_splits(tx, seed=seed)
            sides.append(_sides(tx))
            raise ZeroDivisionError
    assert sides[0] == sides[1] != sides[2]


def test_a_side_once_given_is_kept_when_others_come(engine):
    with transaction(engine) as tx:
        store(tx, _speech({f"f{i}": 4 for i in range(8)}))
        db.speakers.assign_splits(tx)
        before = _sides(tx)
        assert db.speakers.assign_splits(tx, held_out_fraction=0.9) == 0
        store(tx, _speech({f"m{i}": 40 for i in range(8)}))
        assert db.speakers.assign_splits(tx, held_out_fraction=0.9, seed=7) == 8
        after = _sides(tx)
    assert {who: after[who] for who in before} == before
    assert None not in after.values()


@pytest.mark.parametrize("fraction", [0.001, 0.25, 0.99])
@pytest.mark.parametrize("sizes", [{"f1": 1, "m1": 1}, {"f1": 100, "m1": 1, "m2": 2}])
def test_two_speakers_or_more_stand_on_both_sides(engine, sizes, fraction):
    with transaction(engine) as tx:
        store(tx, _speech(sizes))
        db.speakers.assign_splits(tx, held_out_fraction=fraction)
        assert set(_sides(tx).values()) == {"training", "held_out"}


def test_a_second_speaker_fills_the_side_that_the_first_left_empty(engine):
    with transaction(engine) as tx:
        store(tx, _speech({"f1": 2}))
        db.speakers.assign_splits(tx)
        assert _sides(tx) == {"f1": "training"}
        store(tx, _speech({"m1": 200}))
        db.speakers.assign_splits(tx)
        assert _sides(tx) == {"f1": "training", "m1": "held_out"}


def test_nobody_is_held_out_at_fraction_zero_and_one_is_refused(engine):
    with transaction(engine) as tx:
        store(tx, _speech({"f1": 2, "m1": 2}))
        with pytest.raises(ValueError, match=r"held_out_fraction 1\.0 is not"):
            db.speakers.assign_splits(tx, held_out_fraction=1.0)
        db.speakers.assign_splits(tx, held_out_fraction=0)
        assert set(_sides(tx).values()) == {"training"}


def test_a_speaker_alone_is_for_training_whatever_the_fraction(engine):
    with transaction(engine) as tx:
        store(tx, _speech({"f1": 5}))
        db.speakers.assign_splits(tx, held_out_fraction=0.9)
        assert _sides(tx) == {"f1": "training"}

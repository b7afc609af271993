from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import db.batches
import db.judgements
from db.engine import transaction
from tests.db.samples import NOON, a_judgement, batch_items, store_clips


def test_a_judgement_comes_back_as_it_went_in(engine):
    with transaction(engine) as tx:
        (segment,) = store_clips(tx, 1)
        db.batches.publish_batch(tx, "round-1", batch_items("round-1", [segment]))
        given = a_judgement(
            "j1",
            segment,
            role="adjudicator",
            values={"emotion": "rage", "valence": "1.5"},
            batch_id="round-1",
            guideline_version="2",
            duration_s=4.25,
            judged_at=NOON,
            note="zażółć — 怒り",
            source="batch import",
        )
        assert db.judgements.add(tx, [given]).new == ("j1",)
    with transaction(engine, write=False) as tx:
        assert db.judgements.read(tx) == [given]


def test_the_same_judgement_again_is_known_and_another_of_its_id_is_a_conflict(engine):
    with transaction(engine) as tx:
        (segment,) = store_clips(tx, 1)
        first = a_judgement("j1", segment)
        db.judgements.add(tx, [first])
    with transaction(engine) as tx:
        other = replace(first, values={"emotion": "joy"})
        outcome = db.judgements.add(
            tx, [replace(first, note="again"), other, a_judgement("j2", segment)]
        )
        assert outcome.new == ("j2",)
        assert outcome.known == ("j1",)
        assert outcome.conflicts == ("j1",)
        assert db.judgements.read(tx)[0] == first


def test_within_one_call_too_the_first_of_an_id_stands(engine):
    with transaction(engine) as tx:
        (segment,) = store_clips(tx, 1)
        first = a_judgement("j1", segment)
        outcome = db.judgements.add(tx, [first, first, replace(first, annotator="bob")])
        assert (outcome.new, outcome.known, outcome.conflicts) == (("j1",), (), ("j1",))
        assert db.judgements.read(tx) == [first]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"segment_id": "nowhere"}, "judgement 'j2': no segment 'nowhere'"),
        ({"batch_id": "round-9"}, "judgement 'j2': no batch 'round-9'"),
    ],
)
def test_a_judgement_of_something_unknown_is_named_and_the_transaction_can_go_on(
    engine, wrong, says
):
    with transaction(engine) as tx:
        (segment,) = store_clips(tx, 1)
        good = a_judgement("j1", segment)
        bad = replace(a_judgement("j2", segment), **wrong)
        with pytest.raises(ValueError, match=says):
            db.judgements.add(tx, [good, bad])
        assert db.judgements.add(tx, [good]).new == ("j1",)
        assert db.judgements.read(tx) == [good]


@pytest.mark.parametrize("table", ["judgement", "judgement_value"])
def test_judgements_cannot_be_changed_nor_removed(engine, table):
    with transaction(engine) as tx:
        (segment,) = store_clips(tx, 1)
        db.judgements.add(tx, [a_judgement("j1", segment)])
    column = "annotator" if table == "judgement" else "value"
    for statement in (f"UPDATE {table} SET {column} = 'mallory'", f"DELETE FROM {table}"):
        with (
            pytest.raises(DBAPIError, match=f"{table} is append-only"),
            transaction(engine) as tx,
        ):
            tx.execute(sa.text(statement))
    with transaction(engine, write=False) as tx:
        assert db.judgements.read(tx) == [a_judgement("j1", segment)]


def test_judgements_are_read_by_role_dimension_and_batch_in_the_order_they_came(engine):
    with transaction(engine) as tx:
        segments = store_clips(tx, 4)
        db.batches.publish_batch(tx, "round-1", batch_items("round-1", segments))
        expert = a_judgement("z", segments[0], batch_id="round-1")
        crowd = a_judgement("y", segments[1], role="crowd", values={"valence": "3"})
        silent = a_judgement("x", segments[2], values={})
        db.judgements.add(tx, [expert, crowd, silent])
        assert db.judgements.read(tx) == [expert, crowd, silent]
        assert db.judgements.read(tx, ["crowd"]) == [crowd]
        assert db.judgements.read(tx, dimension="valence") == [crowd]
        assert db.judgements.read(tx, batch_id="round-1") == [expert]


def test_the_table_of_judgements_has_a_row_a_judged_dimension(engine):
    with transaction(engine) as tx:
        empty = db.judgements.frame(tx)
        one, two = store_clips(tx, 2)
        said = {"emotion": "fear", "arousal": "4"}
        db.judgements.add(
            tx,
            [
                a_judgement("b", two, values=said, judged_at=NOON),
                a_judgement("a", one, role="crowd", annotator="w1"),
            ],
        )
        frame = db.judgements.frame(tx)
        crowd = db.judgements.frame(tx, ["crowd"], dimension="emotion")
        assert len(db.judgements.frame(tx, dimension="emotion")) == 2
    assert frame[["id", "segment_id", "dimension", "value"]].to_numpy().tolist() == [
        ["b", two, "arousal", "4"],
        ["b", two, "emotion", "fear"],
        ["a", one, "emotion", "anger"],
    ]
    assert frame["judged_at"][0] == pd.Timestamp(NOON)
    assert frame["judged_at"].notna().all()
    assert crowd["annotator"].tolist() == ["w1"]
    pd.testing.assert_series_equal(empty.dtypes, frame.dtypes)


def test_thousands_of_judgements_are_stored_at_once_each_once(engine):
    with transaction(engine) as tx:
        segments = store_clips(tx, 40)
        given = [
            a_judgement(f"{i}-{w}", segment, role="crowd", annotator=f"w{w}")
            for i, segment in enumerate(segments)
            for w in range(60)
        ]
        assert len(db.judgements.add(tx, given).new) == 2_400
        again = db.judgements.add(tx, given)
        assert (len(again.new), len(again.known)) == (0, 2_400)
        assert db.judgements.read(tx) == given

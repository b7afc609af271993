from dataclasses import replace

import pytest

import db.batches
import db.judgements
from db.engine import transaction
from tests.db.samples import a_judgement, batch_items, store_clips


def _judge(tx, segment: str, annotator: str = "eve", **about) -> None:
    identity = f"{annotator}-{segment}-{about.get('role')}"
    db.judgements.add(tx, [a_judgement(identity, segment, annotator=annotator, **about)])


def test_a_batch_published_again_stays_as_it_was(engine):
    with transaction(engine) as tx:
        items = batch_items("b", store_clips(tx, 3))
        db.batches.publish_batch(tx, "b", items, overlap=2)
        before = db.batches.get(tx, "b")
        db.batches.publish_batch(tx, "b", items, overlap=1)
        assert db.batches.get(tx, "b") == before
        assert db.batches.items(tx, "b") == items
    assert (before.state, before.n_items, before.overlap) == ("open", 3, 2)


def test_other_segments_under_a_published_id_are_refused(engine):
    with transaction(engine) as tx:
        items = batch_items("b", store_clips(tx, 3))
        db.batches.publish_batch(tx, "b", items[:2])
        with pytest.raises(ValueError, match="'b' was published before with other segments"):
            db.batches.publish_batch(tx, "b", items)
        with pytest.raises(ValueError, match="item of batch 'b' cannot go out in 'c'"):
            db.batches.publish_batch(tx, "c", items)


def test_an_unknown_batch_is_refused_with_the_known_ones(engine):
    with transaction(engine) as tx:
        db.batches.publish_batch(tx, "round-1", batch_items("round-1", store_clips(tx, 1)))
        for ask in (
            db.batches.get,
            db.batches.items,
            db.batches.progress,
            db.batches.refresh_batch,
        ):
            with pytest.raises(ValueError, match=r"no batch 'round-2' \(known: round-1\)"):
                ask(tx, "round-2")


def test_a_batch_becomes_complete_once_when_its_last_segment_is_judged(engine):
    with transaction(engine) as tx:
        one, two = store_clips(tx, 2)
        db.batches.publish_batch(tx, "b", batch_items("b", [one, two]))
        _judge(tx, one, batch_id="b")
        assert not db.batches.refresh_batch(tx, "b")
        assert db.batches.waiting_segments(tx) == sorted([one, two])
        _judge(tx, two)  # not through the batch, but judged all the same
        assert db.batches.refresh_batch(tx, "b")
        assert not db.batches.refresh_batch(tx, "b")
        done = db.batches.get(tx, "b")
        assert db.batches.waiting_segments(tx) == []
    assert done.state == "complete"
    assert done.completed_at >= done.created_at


def test_only_different_experts_count_and_the_crowd_never_does(engine):
    with transaction(engine) as tx:
        one, two = store_clips(tx, 2)
        db.batches.publish_batch(tx, "b", batch_items("b", [one, two]), overlap=2)
        _judge(tx, one, "eve")
        _judge(tx, one, "eve", role="adjudicator")
        _judge(tx, one, "crowd worker", role="crowd")
        _judge(tx, two, "eve")
        _judge(tx, two, "bob")
        assert db.batches.judged_segments(tx, "b") == {two}
        progress = db.batches.progress(tx, "b")
    assert (progress.n_items, progress.n_judged, progress.n_judgements) == (2, 1, 4)


def test_a_closed_batch_waits_for_nothing(engine):
    with transaction(engine) as tx:
        (one,) = store_clips(tx, 1)
        db.batches.publish_batch(tx, "b", batch_items("b", [one]))
        db.batches.close_batch(tx, "b")
        _judge(tx, one)
        assert not db.batches.refresh_batch(tx, "b")
        assert [batch.id for batch in db.batches.list_batches(tx, state="closed")] == ["b"]
        assert db.batches.waiting_segments(tx) == []


def test_an_empty_batch_is_complete_at_once(engine):
    with transaction(engine) as tx:
        db.batches.publish_batch(tx, "b", [])
        batch = db.batches.get(tx, "b")
    assert (batch.state, batch.n_items) == ("complete", 0)
    assert batch.completed_at is not None


def test_a_purpose_and_a_score_come_back_with_the_items(engine):
    with transaction(engine) as tx:
        (one,) = store_clips(tx, 1)
        item = replace(batch_items("b", [one])[0], purpose="evaluation", score=float("nan"))
        db.batches.publish_batch(tx, "b", [item])
        assert db.batches.items(tx, "b") == [replace(item, score=None)]

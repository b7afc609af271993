"""Another opinion on clips that were judged: who could give it, and when there is need of none."""

import numpy as np
import pytest

import db.batches
import db.judgements
from active_learning.rules import Rules
from db.records import BatchItem
from labels.judgements import Judgement
from rounds import opinions, pool, workbench
from rounds.plan import RoundPlan
from rounds.querying import Asked
from rounds.selection import choose
from tests.rounds.made_pool import CLASSES, open_pool, truth_of, write_function

pytestmark = pytest.mark.slow

LEAST = RoundPlan(batch_size=20, quotas={}, floors={}, apart=0.0)


def _add(workspace, who, segments, emotion_of, *, role="expert"):
    said = [Judgement(f"{who}:{s}", s, who, role, {"emotion": emotion_of(s)}) for s in segments]
    with workspace.writing() as tx:
        db.judgements.add(tx, said)


def _truth(segment):
    return truth_of(int(segment[1:]))


def _other(segment):
    return CLASSES[(CLASSES.index(_truth(segment)) + 2) % len(CLASSES)]


@pytest.fixture(scope="module")
def disputed(tmp_path_factory):
    """Anna and ben agree on most clips they both heard and contradict one another on eight; cleo
    heard others. Returns (workspace, what was labelled, the model, the eight)."""
    workspace = open_pool(tmp_path_factory.mktemp("pool"), n=240)
    write_function(workspace, "loud_is_anger", 0.8)
    table = pool.read(workspace)
    training = table.loc[table["split"] != "held_out", "segment_id"]
    by_anna = [s for s in training if int(s[1:]) % 2 == 0]
    eight = by_anna[:8]
    _add(workspace, "ben", eight, _other)
    _add(workspace, "ben", by_anna[8:60], _truth)
    _add(workspace, "cleo", [s for s in training if int(s[1:]) % 2][:20], _truth)
    labelled = workbench.label(workspace, LEAST)
    model, _ = workbench.train(workspace, LEAST, labelled)
    return workspace, labelled, model, eight


def _chosen(disputed, **more):
    workspace, labelled, model, _ = disputed
    asked = Asked(20, 0.2, "margin", 0, Rules(), **more)
    return choose(workspace, labelled.snapshot, model, asked, soft=labelled.soft)


def test_experts_who_contradict_the_rest_are_believed_less(disputed):
    workspace, labelled, _, eight = disputed
    known = opinions.judged(workspace, labelled.snapshot, labelled.soft)
    assert known.reliability["anna"] > known.reliability["ben"] > 0.5
    table = pool.read(workspace)
    assert set(table["split"].iloc[known.rows]) == {"training"}
    unsure = known.posterior.max(axis=1)
    at_eight = np.isin(table["segment_id"].iloc[known.rows], eight)
    both = np.array([len(names) > 1 for names in known.judges])
    assert unsure[at_eight].max() < np.median(unsure[both & ~at_eight])


def test_a_disputed_clip_is_asked_about_once_more_and_says_who_has_judged_it(disputed):
    made = _chosen(disputed)
    batch = made.frame()
    further = batch[batch["reason"].str.startswith("another opinion")]
    assert 0 < len(further) <= 4, "a quarter of the sixteen that are to teach, at most"
    assert set(further["segment_id"]) <= set(disputed[3])
    assert set(further["n_extra"]) == {2}, "two have judged, the batch asks for one: three in all"
    assert further["reason"].str.contains("judged by anna and ben: ").all()
    assert further["reason"].str.contains(r"one more vote is worth \+0\.\d\d").all()
    assert made.report["n_opinions"] == len(further)
    assert (batch.loc[batch["purpose"] == "evaluation", "n_extra"] == 0).all()


def test_no_opinion_is_bought_where_they_may_have_no_share_of_the_batch(disputed):
    assert _chosen(disputed, opinion_share=0.0).report["n_opinions"] == 0


def test_where_nobody_else_could_be_asked_nobody_is(tmp_path):
    workspace = open_pool(tmp_path, n=60)
    labelled = workbench.label(workspace, LEAST)
    known = opinions.judged(workspace, labelled.snapshot, labelled.soft)
    assert set(known.judges) == {("anna",)}
    assert np.isnan(known.further).all()


def test_settled_clips_of_open_batches_wait_for_nobody_and_the_slice_does(disputed):
    workspace, labelled, _, eight = disputed
    known = opinions.judged(workspace, labelled.snapshot, labelled.soft)
    ids = pool.read(workspace)["segment_id"].to_numpy()[known.rows]
    sure = [
        s
        for s, p, names in zip(ids, known.posterior.max(axis=1), known.judges, strict=True)
        if p >= 0.9 and len(names) == 2
    ]
    items = [
        BatchItem("by-hand", segment, rank, purpose, "-")
        for rank, (segment, purpose) in enumerate(
            [(sure[0], "query"), (sure[1], "evaluation"), (eight[0], "query")], start=1
        )
    ]
    with workspace.writing() as tx:
        db.batches.publish_batch(tx, "by-hand", items, overlap=4)
    said = opinions.settle(workspace, labelled.snapshot, labelled.soft, 0.9)
    assert said == ["by-hand: 1 clip is settled: no further judgement is waited for"]
    with workspace.reading() as tx:
        assert db.batches.judged_segments(tx, "by-hand") == {sure[0]}
    assert opinions.settle(workspace, labelled.snapshot, labelled.soft, 0.9) == []

"""Judgements at the desk, as functions: on SQLite and PostgreSQL alike."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import db.audit
import db.batches
import db.clips
import db.judgements
import db.rounds
from annotation.desk.errors import ConflictError, DeskError, ForbiddenError, NotFoundError
from annotation.desk.giving import give_back, next_clip
from annotation.desk.judging import Said, is_disputed, submit, undo
from annotation.desk.prediction import prediction_after
from db.records import BatchItem
from labels.judgements import Judgement, Mark
from labels.scheme import Scheme
from rounds import pool
from rounds.artifacts import make, write_frame
from tests.annotation.desk.conftest import BATCH, N_CLIPS, an_account, publish, with_rules


def say(desk, who, emotion="anger", key="key-00000001", **more):
    """Judge the next clip of a batch."""
    given = next_clip(desk, who, more.pop("batch", BATCH))
    said = Said(given.lease.id, key, {"emotion": emotion}, **more)
    return given, submit(desk, who, said)


def key(n) -> str:
    return f"key-{n:08}"


def stored(desk, **about):
    with desk.workspace.reading() as tx:
        return db.judgements.read(tx, **about)


def a_segment(desk) -> str:
    with desk.workspace.reading() as tx:
        return db.batches.items(tx, BATCH)[0].segment_id


def test_a_judgement_is_stored_with_all_that_was_said(stored_desk):
    ada = an_account(stored_desk, "ada")
    given = next_clip(stored_desk, ada, BATCH)
    said = Said(
        given.lease.id,
        key(1),
        {"emotion": "Frustration", "valence": "2", "arousal": "4.0"},
        secondary=["fear", "sad"],
        marks=[Mark(0.1, 0.3, {"emotion": "fear"})],
        note="  a sigh  ",
        duration_s=4.5,
    )
    answer = submit(stored_desk, ada, said)
    (one,) = stored(stored_desk)
    assert answer.new
    assert one.id == answer.judgement_id
    assert one.values == {"emotion": "frustration", "valence": "2", "arousal": "4"}
    assert one.secondary == ("fear", "sadness")
    assert one.marks == (Mark(0.1, 0.3, {"emotion": "fear"}),)
    assert (one.annotator, one.role, one.batch_id) == ("ada", "expert", BATCH)
    assert (one.note, one.duration_s, one.judged_at) == ("a sigh", 4.5, stored_desk.now())


def test_the_same_judgement_sent_again_is_stored_once(stored_desk):
    ada = an_account(stored_desk, "ada")
    given, first = say(stored_desk, ada)
    again = submit(stored_desk, ada, Said(given.lease.id, "key-00000001", {"emotion": "anger"}))
    assert (first.new, again.new) == (True, False)
    assert again.judgement_id == first.judgement_id
    assert len(stored(stored_desk)) == 1


def test_a_second_judgement_on_a_clip_is_refused_and_the_first_stands(stored_desk):
    ada = an_account(stored_desk, "ada")
    given, _ = say(stored_desk, ada)
    with pytest.raises(ConflictError, match="first judgement stands"):
        submit(stored_desk, ada, Said(given.lease.id, key(2), {"emotion": "fear"}))
    with pytest.raises(ConflictError, match="used for another"):
        submit(stored_desk, ada, Said(given.lease.id, key(1), {"emotion": "fear"}))
    assert [one.values["emotion"] for one in stored(stored_desk)] == ["anger"]


@pytest.mark.slow
def test_of_ten_windows_that_judge_one_clip_at_once_one_is_heard(stored_desk):
    ada = an_account(stored_desk, "ada")
    given = next_clip(stored_desk, ada, BATCH)
    at_once = threading.Barrier(10)

    def window(n):
        at_once.wait()
        try:
            return submit(
                stored_desk, ada, Said(given.lease.id, key(n % 5), {"emotion": "fear"})
            ).new
        except ConflictError:
            return None

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(window, range(10)))
    assert answers.count(True) == 1
    assert answers.count(False) == 1  # the twin of the one that was heard
    assert len(stored(stored_desk)) == 1


@pytest.mark.slow
def test_clips_asked_for_at_once_go_to_one_judge_each(stored_desk):
    judges = [an_account(stored_desk, f"judge {n}") for n in range(8)]
    at_once = threading.Barrier(8)

    def ask(who):
        at_once.wait()
        return next_clip(stored_desk, who, BATCH)

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(ask, judges))
    segments = [one.clip.segment_id for one in given if one is not None]
    assert len(segments) == len(set(segments)) == 8


def test_a_batch_is_judged_by_each_in_another_order_and_by_nobody_twice(stored_desk):
    with stored_desk.workspace.writing() as tx:
        db.batches.set_overlap(tx, BATCH, 2)
    orders = []
    for name in ("ada", "ben"):
        who = an_account(stored_desk, name)
        mine = []
        for n in range(N_CLIPS):
            given, answer = say(stored_desk, who, key=key(n))
            mine.append(given.clip.segment_id)
        assert next_clip(stored_desk, who, BATCH) is None
        assert len(set(mine)) == N_CLIPS
        orders.append(mine)
    assert orders[0] != orders[1]
    assert answer.completed


def test_a_completed_batch_is_told_once(stored_desk, events):
    ada = an_account(stored_desk, "ada")
    answers = [say(stored_desk, ada, key=key(n))[1].completed for n in range(N_CLIPS)]
    assert answers == [False] * (N_CLIPS - 1) + [True]
    assert events == [("completed", BATCH)]
    with stored_desk.workspace.reading() as tx:
        assert db.batches.get(tx, BATCH).state == "complete"


def test_a_clip_comes_back_when_its_time_is_over(stored_desk, clock):
    ada, ben = an_account(stored_desk, "ada"), an_account(stored_desk, "ben")
    publish(stored_desk.workspace, "one", [a_segment(stored_desk)])
    given = next_clip(stored_desk, ada, "one")
    assert next_clip(stored_desk, ben, "one") is None
    clock.pass_(stored_desk.rules.lease_s + 1)
    assert next_clip(stored_desk, ben, "one").clip == given.clip
    # What ada judged meanwhile is not lost for that.
    assert submit(stored_desk, ada, Said(given.lease.id, key(1), {"emotion": "fear"})).new


def test_a_clip_given_back_goes_to_somebody_else(stored_desk):
    ada, ben = an_account(stored_desk, "ada"), an_account(stored_desk, "ben")
    publish(stored_desk.workspace, "one", [a_segment(stored_desk)])
    given = next_clip(stored_desk, ada, "one")
    with pytest.raises(NotFoundError):
        give_back(stored_desk, ben, given.lease.id)
    assert give_back(stored_desk, ada, given.lease.id)
    assert next_clip(stored_desk, ben, "one").clip == given.clip


def test_a_page_that_loads_ahead_gets_other_clips_up_to_a_limit(stored_desk, clock):
    ada = an_account(stored_desk, "ada")
    leases = []
    for _ in range(stored_desk.rules.n_held):
        leases.append(next_clip(stored_desk, ada, BATCH, leases).lease.id)
        clock.pass_(1)
    assert len(set(leases)) == stored_desk.rules.n_held
    assert next_clip(stored_desk, ada, BATCH).lease.id == leases[0]
    with pytest.raises(ForbiddenError, match="3 clips of round-1 open"):
        next_clip(stored_desk, ada, BATCH, leases)


def test_an_undone_judgement_counts_no_more_and_stays_in_the_records(stored_desk, events):
    ada = an_account(stored_desk, "ada")
    for n in range(N_CLIPS):
        given, last = say(stored_desk, ada, key=key(n))
    again, said = undo(stored_desk, ada, BATCH)
    assert said.id == last.judgement_id
    assert again.clip == given.clip
    assert len(stored(stored_desk)) == N_CLIPS - 1
    assert len(stored(stored_desk, standing_only=False)) == N_CLIPS
    with stored_desk.workspace.reading() as tx:
        assert db.batches.get(tx, BATCH).state == "open"
        assert len(db.judgements.frame(tx)) == N_CLIPS - 1
    answer = submit(stored_desk, ada, Said(again.lease.id, key(99), {"emotion": "fear"}))
    assert answer.completed
    assert events == [("completed", BATCH)] * 2


def test_there_is_nothing_to_undo_before_the_first_judgement(desk):
    ada, ben = an_account(desk, "ada"), an_account(desk, "ben")
    say(desk, ben)
    with pytest.raises(NotFoundError, match="no judgement of yours"):
        undo(desk, ada, BATCH)


def test_clips_on_which_judges_disagree_are_given_to_more_of_them(stored_desk, events):
    ada, ben, eve, dan = (an_account(stored_desk, name) for name in ("ada", "ben", "eve", "dan"))
    segment = a_segment(stored_desk)
    publish(stored_desk.workspace, "one", [segment], overlap=2)
    assert not say(stored_desk, ada, "anger", batch="one")[1].completed
    assert not say(stored_desk, ben, "fear", batch="one")[1].completed
    assert not say(stored_desk, eve, "sadness", batch="one")[1].completed
    assert events == []
    assert say(stored_desk, dan, "happiness", batch="one")[1].completed
    assert events == [("disputed", "one"), ("completed", "one")]


def test_hidden_repeats_measure_and_make_no_gold(stored_desk):
    desk = with_rules(stored_desk, repeat_share=0.5, repeat_gap=2)
    ada = an_account(desk, "ada")
    seen = []
    for n in range(3 * N_CLIPS):
        given = next_clip(desk, ada, BATCH)
        if given is None:
            break
        seen.append(given)
        submit(desk, ada, Said(given.lease.id, key(n), {"emotion": "fear"}))
    repeats = [one for one in seen if one.lease.purpose == "repeat"]
    assert 2 <= len(repeats) <= N_CLIPS / 2 + 1
    assert len({one.clip.segment_id for one in repeats}) == len(repeats)
    assert len(stored(desk)) == N_CLIPS
    kept = stored(desk, standing_only=False)
    assert sum(one.purpose == "repeat" for one in kept) == len(repeats)


@pytest.mark.parametrize(
    ("values", "more", "said"),
    [
        ({}, {}, "name an emotion"),
        ({"emotion": "hapiness"}, {}, "did you mean happiness"),
        ({"emotion": "fear", "valence": "9"}, {}, "not a number from 1 to 5"),
        ({"emotion": "fear", "colour": "red"}, {}, "unknown dimension"),
        ({"emotion": "fear"}, {"verdict": "bad audio"}, "no emotion beside it"),
        ({"emotion": "fear"}, {"secondary": ["anger", "joy", "sad"]}, "at most 2"),
        ({"emotion": "fear"}, {"secondary": ["fear"]}, "the emotion itself"),
        ({"emotion": "fear"}, {"note": "x" * 4001}, "at most 4000"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(desk, values, more, said):
    ada = an_account(desk, "ada")
    given = next_clip(desk, ada, BATCH)
    with pytest.raises(DeskError, match=said) as caught:
        submit(desk, ada, Said(given.lease.id, key(1), values, **more))
    assert "\n" not in str(caught.value)
    assert stored(desk) == []


def test_cannot_tell_and_bad_audio_count_as_judged(desk):
    ada = an_account(desk, "ada")
    given = next_clip(desk, ada, BATCH)
    submit(desk, ada, Said(given.lease.id, key(1), {}, verdict="bad audio", note="only noise"))
    with desk.workspace.reading() as tx:
        assert db.batches.progress(tx, BATCH).n_judged == 1
    assert stored(desk)[0].verdict == "bad audio"


def test_every_judgement_and_undo_is_in_the_log(desk):
    ada = an_account(desk, "ada")
    _, answer = say(desk, ada)
    undo(desk, ada, BATCH)
    with desk.workspace.reading() as tx:
        entries = [(e.actor, e.action, e.subject) for e in db.audit.entries(tx)]
    assert ("ada", "judge", answer.judgement_id) in entries
    assert ("ada", "withdraw judgement", answer.judgement_id) in entries


def test_a_clip_comes_with_what_was_said_before_it(stored_desk):
    table = pool.read(stored_desk.workspace).set_index("transcript")["segment_id"]
    before = {}
    with stored_desk.workspace.reading() as tx:
        for words in ("talk 0", "talk 2", "turn 1", "turn 10"):
            before[words] = [one.transcript for one in db.clips.before(tx, table[words], 3)]
    assert before == {
        "talk 0": [],
        "talk 2": ["talk 0", "talk 1"],
        "turn 1": [],
        "turn 10": ["turn 1", "turn 2"],
    }


def test_what_the_model_thought_is_told_afterwards_and_only_where_that_is_set(desk):
    segment = a_segment(desk)
    columns = {f"p_{name}": [0.05] for name in desk.workspace.scheme.classes}
    frame = pd.DataFrame({"segment_id": [segment], **columns, "p_fear": [0.6], "p_anger": [0.15]})

    def build(folder):
        write_frame(frame, folder)
        return {"n_rows": 1}

    made = make(desk.workspace, "scores", "1", {}, build)
    with desk.workspace.writing() as tx:
        number = db.rounds.begin_round(tx, seed=0, params={}).number
        score = {"artifact": ("scores", made.id)}
        db.rounds.record_step(tx, number, "score", result=score, seconds=0)
        item = BatchItem("scored", segment, 1, "query", "because")
        db.batches.publish_batch(tx, "scored", [item], round_number=number)
    assert prediction_after(desk, "scored", segment) is None
    told = prediction_after(with_rules(desk, show_model="after"), "scored", segment)
    assert list(told.items())[:2] == [("fear", 0.6), ("anger", 0.15)]
    assert prediction_after(with_rules(desk, show_model="after"), BATCH, segment) is None


def test_a_dispute_is_what_no_strict_majority_settles():
    def said(*emotions, role="expert"):
        return [
            Judgement(str(n), "s", f"a{n}", role, {"emotion": one})
            for n, one in enumerate(emotions)
        ]

    scheme = Scheme.default()
    assert not is_disputed(said("anger"), scheme)
    assert not is_disputed(said("anger", "rage"), scheme)
    assert is_disputed(said("anger", "fear"), scheme)
    assert not is_disputed(said("anger", "fear", "anger"), scheme)
    assert is_disputed(said("anger", "fear", "anger", "fear"), scheme)
    assert not is_disputed([*said("anger", "fear"), *said("fear", role="adjudicator")], scheme)


def test_one_more_opinion_is_asked_of_somebody_who_has_not_judged_the_clip(stored_desk):
    ada, ben = (an_account(stored_desk, name) for name in ("ada", "ben"))
    given, _ = say(stored_desk, ada)
    disputed = given.clip.segment_id
    more = BatchItem("round-2", disputed, 1, "query", "another opinion", 0.2, n_extra=1)
    with stored_desk.workspace.writing() as tx:
        db.batches.publish_batch(tx, "round-2", [more])
        assert not db.batches.is_judged(tx, "round-2")
    assert next_clip(stored_desk, ada, "round-2") is None
    again, answer = say(stored_desk, ben, batch="round-2", key=key(2))
    assert again.clip.segment_id == disputed
    assert answer.new
    with stored_desk.workspace.reading() as tx:
        assert db.batches.get(tx, "round-2").state == "complete"

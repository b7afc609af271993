"""Annotations back as judgements, once, whatever is done to them there."""

import pytest

import db.audit
import db.batches
import db.guidelines
import db.judgements
import db.labelstudio
from annotation.desk import guidelines
from annotation.labelstudio import people, pulling
from annotation.labelstudio.pulling import pull
from annotation.labelstudio.pushing import push
from annotation.labelstudio.server import GoneError
from tests.annotation.desk.conftest import BATCH, N_CLIPS, an_account, publish
from tests.annotation.labelstudio.annotating import judged_by, judgements, tasks
from tests.annotation.labelstudio.conftest import bridged
from tests.annotation.labelstudio.stand_in import choice


def test_annotations_come_back_once_however_often_they_are_pulled(stored_desk, there):
    bridge = bridged(stored_desk, there)
    push(bridge, BATCH)
    judged_by(stored_desk, there)
    first = pull(bridge, BATCH)
    assert (first.n_annotations, first.n_new, first.n_known) == (3, 3, 0)
    again = pull(bridge, BATCH)
    assert (again.n_annotations, again.n_new, again.n_known) == (3, 0, 3)
    stored = judgements(stored_desk)
    assert [one.annotator for one in stored] == ["ada"] * 3
    assert {one.batch_id for one in stored} == {BATCH}
    assert {one.duration_s for one in stored} == {4.0}
    with stored_desk.workspace.reading() as tx:
        actions = [one.action for one in db.audit.entries(tx)]
    assert actions.count("judge in label studio") == 3


def test_edited_there_the_newer_one_counts_and_the_older_one_is_kept(bridge, there, desk):
    push(bridge, BATCH)
    one, *_ = judged_by(desk, there)
    pull(bridge, BATCH)
    for emotion in ("anger", "fear", "anger"):
        there.edit(one, [choice("emotion", emotion)])
        assert pull(bridge, BATCH).n_changed == 1
        assert pull(bridge, BATCH).n_changed == 0
    said = judgements(desk, standing_only=False)
    assert len(said) == 6
    assert len(judgements(desk)) == 3
    assert judgements(desk)[-1].values == {"emotion": "anger"}


def test_deleted_there_it_counts_no_more_and_the_batch_is_open_again(bridge, there, desk, events):
    push(bridge, BATCH)
    judged_by(desk, there, N_CLIPS)
    report = pull(bridge, BATCH)
    assert report.completed
    assert events == [("completed", BATCH)]
    tasks(there)[0]["annotations"].clear()
    report = pull(bridge, BATCH)
    assert (report.n_gone, report.completed) == (1, False)
    assert len(judgements(desk)) == N_CLIPS - 1
    assert pull(bridge, BATCH).n_gone == 0
    with desk.workspace.reading() as tx:
        assert db.batches.get(tx, BATCH).state == "open"


def test_a_task_that_was_deleted_takes_nothing_back_and_is_brought_back(bridge, there, desk):
    push(bridge, BATCH)
    judged_by(desk, there)
    pull(bridge, BATCH)
    there.tasks.pop(tasks(there)[0]["id"])
    report = pull(bridge, BATCH)
    assert report.n_gone == 0
    assert len(judgements(desk)) == 3
    assert report.problems == [
        f"1 of the {N_CLIPS} clips have no task there (deleted, or not pushed yet); what was said "
        "of them is kept. Bring them back: undertone labelstudio push round-1"
    ]
    assert push(bridge, BATCH).n_new == 1


def test_a_skipped_one_is_a_judgement_that_names_nothing(bridge, there, desk):
    push(bridge, BATCH)
    an_account(desk, "ada")
    ada = there.add_user("ada@example.org")
    there.annotate(tasks(there)[0]["id"], ada, [], cancelled=True)
    report = pull(bridge, BATCH)
    assert (report.n_new, report.n_skipped) == (1, 1)
    assert [one.verdict for one in judgements(desk)] == ["cannot tell"]


def test_what_is_no_judgement_is_named_and_the_rest_comes(bridge, there, desk):
    push(bridge, BATCH)
    judged_by(desk, there, 2)
    lead = next(iter(there.users))
    people.say(desk, "lead@example.org", "lead", "test")
    wrong = there.annotate(tasks(there)[2]["id"], lead, [choice("emotion", "joyous")])
    strange = there.tasks[tasks(there)[3]["id"]]
    strange["data"]["segment"] = "not one of ours"
    there.annotate(strange["id"], lead, [choice("emotion", "fear")])
    report = pull(bridge, BATCH)
    assert report.n_new == 2
    by_task, unread, missing = report.problems
    assert f"annotation {wrong['id']}: " in unread
    assert "joyous" in unread
    assert f"task {strange['id']} shows no clip of this batch" in by_task
    assert "1 of the 12 clips have no task" in missing


def test_where_they_disagree_one_more_is_asked_for(desk, there, events):
    with desk.workspace.reading() as tx:
        segments = db.batches.segment_ids(tx, BATCH)[:2]
    publish(desk.workspace, "pair", segments, overlap=2)
    bridge = bridged(desk, there)
    push(bridge, "pair")
    for name, emotion in (("ada", "fear"), ("ben", "anger")):
        an_account(desk, name)
        user = there.add_user(f"{name}@example.org")
        there.annotate(tasks(there)[0]["id"], user, [choice("emotion", emotion)])
    an_account(desk, "cleo")
    pull(bridge, "pair")
    with desk.workspace.reading() as tx:
        assert sorted(item.n_extra for item in db.batches.items(tx, "pair")) == [0, 1]
    assert [(one["overlap"], one["is_labeled"]) for one in tasks(there)] == [(3, False), (2, False)]


def test_judgements_carry_the_guidelines_that_were_shown(bridge, there, desk):
    guidelines.write(desk, "test", "# Listen\n\n<script>x</script>")
    push(bridge, BATCH)
    (project,) = there.projects.values()
    assert "Listen" in project["expert_instruction"]
    assert "<script>" not in project["expert_instruction"]
    judged_by(desk, there)
    guidelines.write(desk, "test", "# Listen well")
    pull(bridge, BATCH)
    assert {one.guideline_version for one in judgements(desk)} == {"1"}
    push(bridge, BATCH)
    assert "Listen well" in project["expert_instruction"]


def test_a_batch_that_was_not_pushed_or_is_none_is_named(bridge):
    with pytest.raises(GoneError, match="is not in Label Studio yet: undertone labelstudio push"):
        pull(bridge, BATCH)
    with pytest.raises(ValueError, match="there is no batch 'nope'"):
        push(bridge, "nope")


def test_more_tasks_than_a_page_and_a_transaction_hold_all_come(desk, there, monkeypatch):
    monkeypatch.setattr("annotation.labelstudio.server._TASKS_PAGE", 5)
    monkeypatch.setattr(pulling, "_AT_ONCE", 4)
    bridge = bridged(desk, there)
    push(bridge, BATCH)
    judged_by(desk, there, N_CLIPS - 1)
    assert pull(bridge, BATCH).n_new == N_CLIPS - 1
    assert push(bridge, BATCH).n_new == 0

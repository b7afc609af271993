"""Batches out: a project and its tasks, once, whatever happens in between."""

import threading

import pytest

import db.audit
import db.batches
import db.guidelines
import db.judgements
import db.labelstudio
from annotation.desk import links, sound
from annotation.labelstudio import pushing
from annotation.labelstudio.pulling import pull
from annotation.labelstudio.pushing import push
from annotation.labelstudio.server import GoneError, LabelStudioError
from labels.judgements import Judgement
from tests.annotation.desk.conftest import BATCH, N_CLIPS
from tests.annotation.labelstudio.annotating import ada_in, judged_by, judgements, tasks
from tests.annotation.labelstudio.conftest import bridged


def test_a_batch_becomes_a_project_with_a_task_a_clip(bridge, there, desk):
    report = push(bridge, BATCH)
    assert (report.n_new, report.n_there, report.made_project) == (N_CLIPS, 0, True)
    (project,) = there.projects.values()
    assert project["title"] == "Undertone round-1"
    assert project["show_collab_predictions"] is False
    assert project["sampling"] == "Uniform sampling"
    assert len({task["data"]["segment"] for task in tasks(there)}) == N_CLIPS
    assert all(task["data"]["audio"].startswith("/data/upload/") for task in tasks(there))
    # What judges at the desk do not know they do not know there.
    assert "SECRET REASON" not in str(there.tasks) + str(there.projects)
    assert all(set(task["data"]) == {"audio", "segment", "batch", "words"} for task in tasks(there))


def test_pushed_again_nothing_is_there_twice(bridge, there):
    push(bridge, BATCH)
    n_calls = len(there.calls)
    report = push(bridge, BATCH)
    assert (report.n_new, report.n_there, report.made_project) == (0, N_CLIPS, False)
    assert (len(there.projects), len(there.tasks), len(there.files)) == (1, N_CLIPS, N_CLIPS)
    assert {call.split()[0] for call in there.calls[n_calls:]} == {"GET"}


@pytest.mark.parametrize("n_calls", range(4))
def test_a_push_that_is_killed_anywhere_goes_on_where_it_was(bridge, there, n_calls, monkeypatch):
    monkeypatch.setattr(pushing, "_AT_ONCE", 5)
    there.die_after = n_calls
    with pytest.raises(KeyboardInterrupt):
        push(bridge, BATCH)
    there.die_after = None
    push(bridge, BATCH)
    assert len(there.projects) == 1
    assert len({task["data"]["segment"] for task in tasks(there)}) == len(there.tasks) == N_CLIPS
    assert len(there.files) == N_CLIPS


def test_a_project_that_was_made_in_the_moment_of_the_kill_is_found_by_its_mark(bridge, there):
    push(bridge, BATCH)
    with bridge.desk.workspace.writing() as tx:
        known = db.labelstudio.project_of(tx, BATCH)
        db.labelstudio.change(tx, known.id, project_id=None)
    push(bridge, BATCH)
    assert len(there.projects) == 1


def test_a_project_deleted_there_is_named_and_made_anew_only_when_asked(bridge, there, desk):
    push(bridge, BATCH)
    judged_by(desk, there)
    pull(bridge, BATCH)
    there.projects.clear()
    there.tasks.clear()
    for again in (pull, push):
        with pytest.raises(GoneError, match=r"was deleted at .* push round-1 --anew"):
            again(bridge, BATCH)
    assert len(judgements(desk)) == 3
    assert push(bridge, BATCH, anew=True).n_new == N_CLIPS
    assert pull(bridge, BATCH).n_gone == 0
    assert len(judgements(desk)) == 3


def test_more_people_are_asked_where_the_batch_asks_for_more_and_none_where_it_has_them(
    bridge, there, desk
):
    with desk.workspace.writing() as tx:
        asked, judged, *_ = db.batches.segment_ids(tx, BATCH)
        db.batches.ask_for_more(tx, BATCH, asked)
        said = Judgement("at the desk", judged, "ada", "expert", {"emotion": "fear"})
        db.judgements.add(tx, [said])
    assert push(bridge, BATCH).n_asked == 2
    found = {one["data"]["segment"]: (one["overlap"], one["is_labeled"]) for one in tasks(there)}
    assert found.pop(asked) == (2, False)
    assert found.pop(judged) == (1, True)
    assert set(found.values()) == {(1, False)}
    assert push(bridge, BATCH).n_asked == 0


def test_what_was_skipped_there_is_judged_and_asked_of_nobody_else(bridge, there, desk):
    push(bridge, BATCH)
    ada = ada_in(desk, there)
    first = tasks(there)[0]
    there.annotate(first["id"], ada, [], cancelled=True)
    assert not first["is_labeled"]
    assert pull(bridge, BATCH).n_asked == 1
    assert (first["overlap"], first["is_labeled"]) == (1, True)


def test_a_clip_whose_sound_is_gone_is_named_and_the_others_go(bridge, there, desk, monkeypatch):
    with desk.workspace.reading() as tx:
        gone = db.batches.segment_ids(tx, BATCH)[3]
    whole = sound.wav

    def wav(desk, segment_id):
        if segment_id == gone:
            raise sound.NotFoundError(f"the sound of segment {gone} is gone")
        return whole(desk, segment_id)

    monkeypatch.setattr(sound, "wav", wav)
    report = push(bridge, BATCH)
    assert report.n_new == N_CLIPS - 1
    assert report.problems == [f"the sound of segment {gone} is gone"]


def test_links_lead_to_the_desk_and_are_made_fresh_before_they_end(desk, there, clock, client):
    where = {"sounds": "link", "desk_url": "https://desk.example"}
    bridge = bridged(desk, there, **where, link_s=10 * 86_400.0)
    push(bridge, BATCH)
    address = tasks(there)[0]["data"]["audio"]
    assert address.startswith("https://desk.example/audio/")
    path = address.removeprefix("https://desk.example")
    assert client.get(path).headers["content-type"] == "audio/wav"
    assert push(bridge, BATCH).n_renewed == 0
    clock.pass_(6 * 86_400)
    assert push(bridge, BATCH).n_renewed == N_CLIPS
    clock.pass_(6 * 86_400)
    assert client.get(path).status_code == 403
    fresh = tasks(there)[0]["data"]["audio"].removeprefix("https://desk.example")
    assert links.until(fresh) > links.until(path)
    assert client.get(fresh).status_code == 200


def test_links_need_to_know_where_the_desk_is(desk, there):
    with pytest.raises(LabelStudioError, match="no desk_url"):
        bridged(desk, there, sounds="link")


def test_two_at_once_do_not_make_everything_twice(bridge, there, desk, monkeypatch):
    """The lock is by process; within one, whoever holds it has it again, so another holds it."""
    monkeypatch.setattr("db.locks.holder", lambda: "elsewhere:1:1")
    started, go_on = threading.Event(), threading.Event()
    upload = bridge.server.upload

    def slowly(*given):
        started.set()
        go_on.wait(60)
        return upload(*given)

    monkeypatch.setattr(bridge.server, "upload", slowly)
    thread = threading.Thread(target=push, args=(bridge, BATCH))
    thread.start()
    assert started.wait(60)
    monkeypatch.setattr("db.locks.holder", lambda: "elsewhere:2:2")
    with pytest.raises(LabelStudioError, match="is being pushed or pulled already"):
        push(bridge, BATCH)
    monkeypatch.setattr("db.locks.holder", lambda: "elsewhere:1:1")
    go_on.set()
    thread.join(60)
    assert len(there.tasks) == N_CLIPS

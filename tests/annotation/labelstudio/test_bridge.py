"""Batches out and annotations back, again and again, whatever happens in between."""

import threading

import httpx
import pytest

import db.audit
import db.batches
import db.guidelines
import db.judgements
import db.labelstudio
from annotation.desk import guidelines, links, sound
from annotation.labelstudio import fetching, people, pulling, pushing
from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.fetching import Fetcher
from annotation.labelstudio.pulling import pull
from annotation.labelstudio.pushing import push
from annotation.labelstudio.server import GoneError, LabelStudio, LabelStudioError
from tests.annotation.desk.conftest import BATCH, N_CLIPS, an_account, publish
from tests.annotation.labelstudio.conftest import bridged
from tests.annotation.labelstudio.stand_in import PERSONAL, TOKEN, choice
from tests.processes import wait_until


def judgements(desk, **more):
    with desk.workspace.reading() as tx:
        return db.judgements.read(tx, ["expert"], **more)


def tasks(there):
    return list(there.tasks.values())


def ada_in(desk, there):
    """A user there who is ada here."""
    an_account(desk, "ada")
    return there.add_user("ada@example.org")


def annotated_by(user, there, n=3):
    """What a user there said of the first tasks."""
    said = [choice("emotion", "fear")]
    return [there.annotate(task["id"], user, said) for task in tasks(there)[:n]]


def judged_by(desk, there, n=3):
    """A user there who is ada here, and has annotated the first tasks."""
    return annotated_by(ada_in(desk, there), there, n)


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


def test_annotations_of_somebody_unknown_wait_until_it_is_said_who_they_are(bridge, there, desk):
    push(bridge, BATCH)
    eva = there.add_user("Eva@example.org")
    there.annotate(tasks(there)[0]["id"], eva, [choice("emotion", "fear")])
    report = pull(bridge, BATCH)
    assert report.n_new == 0
    assert dict(report.waiting) == {"eva@example.org": 1}
    assert people.say(desk, " EVA@example.org ", "Eva", "test") == "Eva"
    assert pull(bridge, BATCH).n_new == 1
    assert judgements(desk)[0].annotator == "Eva"


def test_a_name_put_right_later_is_right_for_what_was_pulled_before(bridge, there, desk):
    push(bridge, BATCH)
    judged_by(desk, there)
    pull(bridge, BATCH)
    people.say(desk, "ada@example.org", "Ada Lovelace", "test")
    assert pull(bridge, BATCH).n_changed == 3
    assert {one.annotator for one in judgements(desk)} == {"Ada Lovelace"}


def test_people_of_one_name_are_not_taken_for_one(bridge, there, desk):
    an_account(desk, "ada")
    there.add_user("ada@example.org")
    assert {one.email: one.annotator for one in people.everybody(bridge)} == {
        "lead@example.org": None,
        "ada@example.org": "ada",
    }
    there.add_user("ada@elsewhere.org")
    assert {one.annotator for one in people.everybody(bridge)} == {None}


def test_by_email_nobody_waits(bridge, there, desk):
    push(bridge, BATCH)
    eva = there.add_user("eva@example.org")
    there.annotate(tasks(there)[0]["id"], eva, [choice("emotion", "fear")])
    assert pull(bridge, BATCH, by_email=True).n_new == 1
    assert judgements(desk)[0].annotator == "eva@example.org"


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


def test_a_batch_that_was_not_pushed_or_is_none_is_named(bridge):
    with pytest.raises(GoneError, match="is not in Label Studio yet: undertone labelstudio push"):
        pull(bridge, BATCH)
    with pytest.raises(ValueError, match="there is no batch 'nope'"):
        push(bridge, "nope")


def test_a_server_that_moved_is_the_same_one(desk, there):
    push(bridged(desk, there), BATCH)
    judged_by(desk, there)
    moved = Bridge(desk, LabelStudio("https://new.example", TOKEN, there.transport))
    assert pull(moved, BATCH).n_new == 3
    assert push(moved, BATCH).n_there == N_CLIPS
    assert pull(bridged(desk, there), BATCH).n_known == 3


def test_a_personal_token_is_exchanged_and_exchanged_again(desk, there):
    bridge = bridged(desk, there, PERSONAL)
    push(bridge, BATCH)
    assert there.n_refreshed == 1
    there.access = "over"
    push(bridge, BATCH)
    assert there.n_refreshed == 2


@pytest.mark.parametrize("token", ["wrong-wrong-wrong", "a.wrong.one"])
def test_a_bad_token_is_one_line_without_it(desk, there, token):
    with pytest.raises(LabelStudioError, match="does not know the token") as caught:
        push(bridged(desk, there, token), BATCH)
    assert "\n" not in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_a_server_that_is_down_or_something_else_is_one_line(desk):
    def refuse(request):
        raise httpx.ConnectError("[Errno 111] Connection refused")

    def page(request):
        return httpx.Response(200, text="<html>")

    def other(request):
        return httpx.Response(404, json={"error": "nothing here"})

    def moved(request):
        return httpx.Response(301, headers={"location": "https://elsewhere.example/"})

    for answer, words in (
        (refuse, r"cannot be reached at http://there.example \(labelstudio_url\): .*refused"),
        (page, "is no Label Studio"),
        (other, "is no Label Studio"),
        (moved, "leads to https://elsewhere.example/"),
    ):
        server = LabelStudio("http://there.example", "x" * 40, httpx.MockTransport(answer))
        with pytest.raises(LabelStudioError, match=words) as caught:
            push(Bridge(desk, server), BATCH)
        assert "\n" not in str(caught.value)


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
        go_on.wait(10)
        return upload(*given)

    monkeypatch.setattr(bridge.server, "upload", slowly)
    thread = threading.Thread(target=push, args=(bridge, BATCH))
    thread.start()
    assert started.wait(10)
    monkeypatch.setattr("db.locks.holder", lambda: "elsewhere:2:2")
    with pytest.raises(LabelStudioError, match="is being pushed or pulled already"):
        push(bridge, BATCH)
    monkeypatch.setattr("db.locks.holder", lambda: "elsewhere:1:1")
    go_on.set()
    thread.join(10)
    assert len(there.tasks) == N_CLIPS


def test_more_tasks_than_a_page_and_a_transaction_hold_all_come(desk, there, monkeypatch):
    monkeypatch.setattr("annotation.labelstudio.server._TASKS_PAGE", 5)
    monkeypatch.setattr(pulling, "_AT_ONCE", 4)
    bridge = bridged(desk, there)
    push(bridge, BATCH)
    judged_by(desk, there, N_CLIPS - 1)
    assert pull(bridge, BATCH).n_new == N_CLIPS - 1
    assert push(bridge, BATCH).n_new == 0


def test_the_fetcher_pulls_what_it_is_told_of_and_says_a_trouble_once(bridge, there, desk):
    push(bridge, BATCH)
    judged_by(desk, there)
    said = []
    fetcher = Fetcher(bridge, said.append)
    fetcher.fetch({999})
    assert judgements(desk) == []
    fetcher.fetch({next(iter(there.projects))})
    assert len(judgements(desk)) == 3
    there.projects.clear()
    fetcher.fetch({None})
    fetcher.fetch({None})
    assert len(said) == 1
    assert "was deleted" in said[0]


def test_the_fetcher_pulls_soon_after_it_was_told(bridge, there, desk, monkeypatch):
    monkeypatch.setattr(fetching, "SOON_S", 0.01)
    push(bridge, BATCH)
    ada, said = ada_in(desk, there), []
    with fetching.fetching(bridge, said.append) as fetcher:
        wait_until(lambda: "GET /api/tasks/" in there.calls, 10, "all are looked at to begin with")
        annotated_by(ada, there)
        assert fetcher.tell(next(iter(there.projects)))
        wait_until(lambda: len(judgements(desk)) == 3, 10, "what was annotated is here")
    assert said == []

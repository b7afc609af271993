"""The bridge against a real Label Studio, in an environment of its own."""

import httpx
import pytest

import db.batches
import db.judgements
from annotation.desk import prediction
from annotation.labelstudio import people
from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.pulling import pull
from annotation.labelstudio.pushing import push
from annotation.labelstudio.server import GoneError, LabelStudio, LabelStudioError
from rounds import pool
from rounds.ingest import ingest
from tests.annotation.desk.browser import CHROMIUM, chromium, served
from tests.annotation.desk.conftest import Clock, an_account, bearer, make_desk, publish
from tests.annotation.labelstudio.real import EMAIL, PASSWORD, TOKEN, label_studio, person
from tests.annotation.labelstudio.stand_in import choice
from tests.made_voices import write_voice

N_TASKS, N_ANNOTATED = 50, 30
FIFTY = "fifty"


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """The address of a Label Studio."""
    with label_studio(tmp_path_factory.mktemp("label-studio")) as address:
        yield address


@pytest.fixture(scope="module")
def the_desk(tmp_path_factory, migrated_sqlite, clips):
    """A desk with a batch of 50 clips."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "records.db").write_bytes(migrated_sqlite.read_bytes())
    desk = make_desk(f"sqlite:///{folder / 'records.db'}", folder, clips, Clock(), [])
    more = tmp_path_factory.mktemp("more")
    for i in range(N_TASKS):
        write_voice(more / f"more{i}.wav", 100 + 4 * i, 1.5, seed=500 + i)
    ingest(desk.workspace, str(more))
    table = pool.read(desk.workspace)
    ids = table.loc[table["path"].str.startswith(str(more)), "segment_id"]
    publish(desk.workspace, FIFTY, list(ids))
    an_account(desk, "ada")
    return desk


def tasks(lead, number):
    asked = {"project": number, "page_size": 100, "fields": "all"}
    return lead.get("/api/tasks/", params=asked).json()["tasks"]


def judgements(desk, **more):
    with desk.workspace.reading() as tx:
        return db.judgements.read(tx, ["expert"], batch_id=FIFTY, **more)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_fifty_out_thirty_back_pulled_twice_and_nothing_twice(there, the_desk):
    bridge = Bridge(the_desk, LabelStudio(there, TOKEN))
    lead = httpx.Client(base_url=there, headers={"Authorization": f"Token {TOKEN}"}, timeout=60)
    pushed = push(bridge, FIFTY)
    assert (pushed.n_new, pushed.problems) == (N_TASKS, [])
    assert push(bridge, FIFTY).n_new == 0
    number = pushed.project_id
    shown = tasks(lead, number)
    assert len(shown) == len({one["data"]["segment"] for one in shown}) == N_TASKS
    sound = lead.get(shown[0]["data"]["audio"])
    assert sound.content[:4] == b"RIFF"
    assert httpx.get(there + shown[0]["data"]["audio"]).status_code == 401  # a stranger

    ada = person(there, "ada@example.org")
    made = []
    for nth, task in enumerate(shown[:N_ANNOTATED]):
        who = ada if nth % 2 else lead
        emotion = the_desk.workspace.scheme.classes[nth % 7]
        said = {"result": [choice("emotion", emotion), choice("scale: arousal", "4")]}
        if nth == 7:
            said = {"result": [], "was_cancelled": True}
        answer = who.post(f"/api/tasks/{task['id']}/annotations/", json={**said, "lead_time": 3.5})
        assert answer.status_code == 201, answer.text
        made.append(answer.json())

    first = pull(bridge, FIFTY)
    assert (first.n_annotations, first.n_new) == (N_ANNOTATED, N_ANNOTATED // 2)
    assert dict(first.waiting) == {EMAIL: N_ANNOTATED // 2}
    people.say(the_desk, EMAIL, "Lou", "test")
    assert pull(bridge, FIFTY).n_new == N_ANNOTATED // 2
    again = pull(bridge, FIFTY)
    assert (again.n_new, again.n_known, again.n_skipped) == (0, N_ANNOTATED, 1)
    stored = judgements(the_desk)
    assert len(stored) == len({one.segment_id for one in stored}) == N_ANNOTATED
    assert {one.annotator for one in stored} == {"ada", "Lou"}
    assert {one.duration_s for one in stored} == {3.5}
    assert sum(one.verdict == "cannot tell" for one in stored) == 1

    changed = {"result": [choice("emotion", "grief"), choice("finer: sadness", "grief")]}
    changed["result"][0] = choice("emotion", "sadness")
    assert ada.patch(f"/api/annotations/{made[1]['id']}/", json=changed).status_code == 200
    assert lead.delete(f"/api/annotations/{made[0]['id']}/").status_code == 204
    later = pull(bridge, FIFTY)
    assert (later.n_changed, later.n_gone) == (1, 1)
    assert len(judgements(the_desk)) == N_ANNOTATED - 1
    assert "grief" in {one.values.get("emotion") for one in judgements(the_desk)}

    _one_more_is_asked(there, lead, bridge, made[3]["task"])
    _tokens(there, lead, the_desk)
    _ml_backend(there, lead, number, the_desk)
    if CHROMIUM is not None:
        _plays_in_a_browser(there, number)
    assert lead.delete(f"/api/projects/{number}/").status_code == 204
    with pytest.raises(GoneError, match="was deleted at"):
        push(bridge, FIFTY)
    assert len(judgements(the_desk)) == N_ANNOTATED - 1


def _one_more_is_asked(there, lead, bridge, task_id):
    """A clip that the batch wants another opinion on is given to somebody else."""
    path = f"/api/tasks/{task_id}/"
    task = lead.get(path).json()
    assert (task["overlap"], task["is_labeled"]) == (1, True)
    with bridge.desk.workspace.writing() as tx:
        db.batches.ask_for_more(tx, FIFTY, task["data"]["segment"])
    assert push(bridge, FIFTY).n_asked == 1
    task = lead.get(path).json()
    assert (task["overlap"], task["is_labeled"]) == (2, False)
    ben = person(there, "ben@example.org")
    said = {"result": [choice("emotion", "fear")]}
    assert ben.post(f"{path}annotations/", json=said).status_code == 201
    assert lead.get(path).json()["is_labeled"]
    assert push(bridge, FIFTY).n_asked == 0


def _tokens(there, lead, desk):
    """A personal token will do, and a wrong one is said to be."""
    personal = lead.post("/api/token/").json()["token"]
    assert pull(Bridge(desk, LabelStudio(there, personal)), FIFTY).n_new == 0
    for wrong in ("f" * 40, personal[:-5] + "AAAAA"):
        with pytest.raises(LabelStudioError, match="does not know the token"):
            pull(Bridge(desk, LabelStudio(there, wrong)), FIFTY)


def _ml_backend(there, lead, number, desk):
    """Label Studio takes the desk for an ML backend, and only with a token of ours."""
    with desk.workspace.reading() as tx:
        segments = [one.segment_id for one in db.judgements.read(tx, ["expert"], batch_id=FIFTY)]
    classes = desk.workspace.scheme.classes
    one = prediction.Opinion(dict.fromkeys(classes, 0.1) | {"fear": 0.4}, {"arousal": 4.2})
    with pytest.MonkeyPatch.context() as patch, served(desk) as address:
        patch.setattr(prediction, "opinions", lambda *_: dict.fromkeys(segments, one))
        token = bearer(desk, an_account(desk, "studio", "lead"))["Authorization"][7:]
        backend = {
            "project": number,
            "url": address,
            "title": "Undertone",
            "auth_method": "BASIC_AUTH",
        }
        for secret, status in (("wrong", 400), (token, 201)):
            signed = {"basic_auth_user": "studio", "basic_auth_pass": secret}
            assert lead.post("/api/ml", json={**backend, **signed}).status_code == status
        asked = {"selectedItems": {"all": True, "excluded": []}}
        action = {"id": "retrieve_tasks_predictions", "project": number}
        assert lead.post("/api/dm/actions", params=action, json=asked).status_code == 200
    given = [one["predictions"][0] for one in tasks(lead, number) if one["predictions"]]
    assert len(given) == len(set(segments))
    assert {one["score"] for one in given} == {0.4}


def _plays_in_a_browser(there, number):
    """The sound is heard: in Chromium, on Label Studio's own page, time goes on."""
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"{there}/user/login/")
        page.fill("#email", EMAIL)
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_load_state("networkidle")
        page.goto(f"{there}/projects/{number}/data?labeling=1")
        page.wait_for_selector("text=What is heard", timeout=60_000)
        page.wait_for_function("document.querySelector('audio')?.duration > 1", timeout=60_000)
        page.click("[aria-label=Play]")
        page.wait_for_function("document.querySelector('audio').currentTime > 0.2", timeout=60_000)

"""The deployments of prefect.yaml, on a real server, through a real process worker.

The tests follow one another: a first round, its batch judged, the round that this sets off.
"""

import json

import httpx
import pytest

import db.batches
import db.judgements
import db.rounds
from annotation.desk.desk import Desk
from config.opening import open_workspace
from config.settings import Settings
from labels.judgements import Judgement
from rounds.due import NotDue, check_due
from rounds.expert import judge_batch
from rounds.turn import acquire, release
from tests.annotation.desk.conftest import an_account, bearer
from tests.annotation.desk.process import running_desk
from tests.processes import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workspace(deployed):
    return open_workspace(Settings(home=deployed.home))


@pytest.fixture(scope="module")
def ingested(deployed):
    """The nightly ingest, on an empty workspace."""
    return deployed.run("ingest/nightly", within_s=120)


@pytest.fixture(scope="module")
def first_round(deployed, ingested):
    """The scheduled round, which is due: there was none before."""
    return deployed.run("round/scheduled", within_s=120)


def _round_numbers(workspace):
    with workspace.reading() as tx:
        return [(r.number, r.state) for r in db.rounds.list_rounds(tx)]


def test_a_scheduled_round_without_speech_says_so(deployed):
    run = deployed.run("round/scheduled", within_s=120)
    assert run["state"]["name"] == "Skipped"
    assert run["state"]["message"].startswith("there is no speech yet")


def test_the_nightly_ingest_reads_the_sources_of_the_settings(deployed, ingested):
    assert ingested["state"]["name"] == "Completed"
    shown = {one["key"]: one for one in deployed.ask("/artifacts/latest/filter", limit=50)}
    [row] = _table(shown["ingest-result"])
    assert (row["n_entries"], row["n_new"]) == (24, 24)
    assert row["source"] == str(deployed.home / "speech")
    assert shown["features-progress"]["description"] == "features: 24 of 24"


def test_a_scheduled_round_trains_and_publishes(deployed, first_round, workspace):
    assert (first_round["state_type"], first_round["state"]["name"]) == ("COMPLETED", "Completed")
    assert _round_numbers(workspace) == [(1, "done")]
    steps = deployed.ask(
        "/task_runs/filter", flow_runs={"id": {"any_": [first_round["id"]]}}, limit=200
    )
    assert {"train of round 1", "publish of round 1"} <= {step["name"] for step in steps}


def test_progress_and_the_result_are_on_the_artifacts_page(deployed, first_round):
    shown = {one["key"]: one for one in deployed.ask("/artifacts/latest/filter", limit=50)}
    assert shown["round-result"]["description"] == "Round 1"
    rows = {row["what"]: row["value"] for row in _table(shown["round-result"])}
    assert (rows["round"], rows["n_segments"]) == (1, 24)
    for what in ("ingest", "features", "train"):
        assert shown[f"{what}-progress"]["data"] == 100


def test_a_scheduled_round_waits_while_the_batch_is_out(deployed, first_round, workspace):
    run = deployed.run("round/scheduled")
    assert (run["state_type"], run["state"]["name"]) == ("COMPLETED", "Skipped")
    assert run["state"]["message"].startswith("round-1 is judged in 0 of 6 segments, and nothing")
    assert _round_numbers(workspace) == [(1, "done")]


def test_a_round_while_another_works_ends_as_skipped_and_is_not_tried_again(
    deployed, first_round, workspace
):
    turn = acquire(workspace, 60)
    try:
        run = deployed.run("round/on-completed-batch")
    finally:
        release(workspace, turn.holder)
    assert (run["state_type"], run["state"]["name"]) == ("COMPLETED", "Skipped")
    assert f"already running by {turn.holder}" in run["state"]["message"]
    assert run["run_count"] == 1


def test_a_round_is_due_for_news_but_not_for_a_part_of_its_own_batch(
    deployed, first_round, workspace
):
    with workspace.reading() as tx:
        segment = db.batches.items(tx, "round-1")[0].segment_id
    part = Judgement("a", segment, "ada", "expert", {"emotion": "anger"}, batch_id="round-1")
    vote = Judgement("b", segment, "bob", "crowd", {"emotion": "anger"})
    _store(workspace, part)
    with pytest.raises(NotDue, match="round-1 is judged in 1 of 6"):
        check_due(workspace)
    _store(workspace, vote)
    check_due(workspace)


def test_a_completed_batch_sets_off_a_round(deployed, first_round, workspace):
    said = deployed.command("undertone", "batch", "simulate", "round-1")
    assert "round-1 is complete" in said
    wait_until(lambda: len(_set_off(deployed)) == 1, 30, "the event sets off a run")
    run = deployed.ended(_set_off(deployed)[0]["id"])
    assert run["state"]["name"] == "Completed", run["state"]["message"]
    assert _round_numbers(workspace) == [(1, "done"), (2, "done")]


def test_a_batch_of_another_workspace_sets_off_nothing_here(deployed, first_round):
    [automation] = deployed.ask("/automations/filter", limit=10)
    assert automation["trigger"]["match"] == {
        "prefect.resource.id": "undertone.batch.*",
        "undertone.home": str(deployed.home),
    }


def test_a_batch_completed_at_the_desk_sets_off_a_round(deployed, first_round, workspace):
    """The whole way: a browser's calls, the desk's event, Prefect's trigger, the worker's round."""
    *_, (number, state) = _round_numbers(workspace)
    assert state == "done"
    batch = f"round-{number}"
    desk = Desk(workspace)
    headers = bearer(desk, an_account(desk, "ada"))
    settings = {"prefect_api_url": deployed.url, "desk_calibration_clips": "0"}
    with (
        running_desk(deployed.home, **settings) as address,
        httpx.Client(base_url=address, headers=headers, timeout=60) as client,
    ):
        n_judged = 0
        while clip := client.post(f"/api/batches/{batch}/next", json={}).json()["clip"]:
            said = {"lease": clip["lease"], "key": f"a-key-{n_judged:04}"}
            answer = client.post("/api/judgements", json={**said, "values": {"emotion": "fear"}})
            assert answer.status_code == 201, answer.text
            n_judged += 1
        assert n_judged > 0
        wait_until(
            lambda: (number + 1, "done") in _round_numbers(workspace), 150, "the next round is done"
        )
    with workspace.reading() as tx:
        assert db.batches.get(tx, batch).state == "complete"


def test_the_round_after_a_judged_batch_is_due(deployed, first_round, workspace):
    with pytest.raises(NotDue, match="round-3 is judged in"):
        check_due(workspace)
    judge_batch(workspace, "round-3")
    check_due(workspace)


def _set_off(deployed):
    runs = deployed.ask("/flow_runs/filter", limit=100)
    return [r for r in runs if (r["created_by"] or {}).get("type") == "AUTOMATION"]


def _store(workspace, judgement):
    with workspace.writing() as tx:
        db.judgements.add(tx, [judgement])


def _table(artifact):
    data = artifact["data"]
    return json.loads(data) if isinstance(data, str) else data

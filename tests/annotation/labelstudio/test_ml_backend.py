"""The desk as Label Studio's ML backend: predictions for whoever may see them, and no one else."""

import base64
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

import db.batches
from annotation.desk import prediction
from annotation.desk.web.app import create_app
from annotation.labelstudio.pushing import push
from tests.annotation.desk.conftest import BATCH, PASSWORD, an_account, bearer, sign_in

PATHS = ("/setup", "/predict", "/webhook")


def basic(headers):
    """The same token, the way Label Studio sends it."""
    token = headers["Authorization"].removeprefix("Bearer ")
    return {"Authorization": "Basic " + base64.b64encode(f"anybody:{token}".encode()).decode()}


@pytest.fixture
def scored(desk, monkeypatch):
    """Segments of the batch; of the first a model thinks something."""
    with desk.workspace.reading() as tx:
        segments = db.batches.segment_ids(tx, BATCH)
    classes = desk.workspace.scheme.classes
    thought = prediction.Opinion(dict.fromkeys(classes, 0.1) | {"fear": 0.4}, {"arousal": 4.2})

    def opinions(desk, batch_id, asked):
        return {segments[0]: thought} if segments[0] in asked else {}

    monkeypatch.setattr(prediction, "opinions", opinions)
    return segments


def test_it_is_up(client):
    assert client.get("/health").json() == {"status": "UP"}


def test_a_task_gets_a_prediction_and_one_that_nobody_scored_an_empty_list(client, desk, scored):
    headers = basic(bearer(desk, an_account(desk, "studio", "data scientist")))
    tasks = [
        {"id": 1, "data": {"segment": scored[0], "batch": BATCH, "audio": "x"}},
        {"id": 2, "data": {"segment": scored[1], "batch": BATCH}},
        {"id": 3, "data": {"audio": "of another project"}},
        {"id": 4, "data": {"segment": scored[0], "batch": "nope"}},
    ]
    more = {"label_config": "<View/>", "params": {"login": None}}
    asked = {"tasks": tasks, "project": "1.17", **more}
    answer = client.post("/predict", json=asked, headers=headers)
    assert answer.status_code == 200
    first, *others = answer.json()["results"]
    assert others == [[], [], []]
    assert first["score"] == 0.4
    assert first["result"][0]["value"] == {"choices": ["fear"]}
    assert first["result"][0]["from_name"] == "emotion"


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_and_a_wrong_token_get_401_and_no_page(client, path):
    wrong = base64.b64encode(b"labelstudio:wrong").decode()
    for headers in ({}, {"Authorization": f"Basic {wrong}"}, {"Authorization": "Basic %%%"}):
        answer = client.post(path, json={"tasks": []}, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "not_signed_in"


def test_annotators_get_no_predictions_and_data_scientists_write_nothing(client, desk, scored):
    judge = basic(bearer(desk, an_account(desk, "ada")))
    scientist = basic(bearer(desk, an_account(desk, "sci", "data scientist")))
    assert client.post("/predict", json={"tasks": []}, headers=judge).status_code == 403
    assert client.post("/webhook", json={}, headers=scientist).status_code == 403


def test_a_password_is_no_token_and_basic_opens_nothing_else(client, desk):
    lead = an_account(desk, "lou", "lead")
    password = base64.b64encode(f"lou:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {password}"}
    assert client.post("/predict", json={"tasks": []}, headers=headers).status_code == 401
    assert client.get("/api/batches", headers=basic(bearer(desk, lead))).status_code == 401


def test_a_browser_of_a_lead_is_not_talked_into_it_from_another_page(client, desk):
    an_account(desk, "lou", "lead")
    sign_in(client, "lou")
    assert client.post("/webhook", json={}).status_code == 403


def test_a_webhook_makes_the_desk_fetch_and_believes_nothing_of_what_it_says(desk, there, bridge):
    push(bridge, BATCH)
    told = []
    listening = replace(desk, on_annotated=lambda number: told.append(number) or True)
    headers = basic(bearer(desk, an_account(desk, "studio", "lead")))
    happened = {
        "action": "ANNOTATION_CREATED",
        "project": {"id": 7},
        "annotation": {"result": [{"value": {"choices": ["anger"]}}]},
    }
    with TestClient(create_app(listening)) as client:
        answer = client.post("/webhook", json=happened, headers=headers)
        assert answer.json()["status"] == "fetching"
        client.post("/webhook", json={"action": "START_TRAINING", "project": "x"}, headers=headers)
    assert told == [7, None]


def test_without_a_label_studio_a_webhook_is_told_so(client, desk):
    headers = basic(bearer(desk, an_account(desk, "studio", "lead")))
    answer = client.post("/webhook", json={"project": {"id": 7}}, headers=headers)
    assert answer.json()["status"].startswith("ignored")


def test_setup_says_whose_predictions_these_are_and_keeps_no_token(client, desk, caplog):
    headers = basic(bearer(desk, an_account(desk, "studio", "lead")))
    asked = {"project": "7.1795", "schema": "<View/>", "access_token": "s3cret", "hostname": "x"}
    answer = client.post("/setup", json=asked, headers=headers)
    assert answer.json() == {"model_version": "undertone"}
    assert "s3cret" not in caplog.text

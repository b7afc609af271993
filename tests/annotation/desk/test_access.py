"""Who may do what: every route, as every role."""

import re

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from annotation.desk.roles import ACCESS, ROLES
from annotation.desk.web.app import ROUTERS, create_app
from tests.annotation.desk.conftest import BATCH, PASSWORD, an_account, bearer

ASKERS = ("nobody", *ROLES)
_ABOUT = {
    "batch_id": BATCH, "name": "zoe", "token": "x", "token_id": "x", "invitation_id": "x",
    "lease_id": "x", "segment_id": "x",
    "flag_id": "x", "calibration_id": "x", "nth": "1",
    "webhook_id": "x",
}  # fmt: skip
_BODIES = {
    "/api/batches/{batch_id}/overlap": {"overlap": 1},
    "/api/judgements": {"lease": "x", "key": "12345678", "values": {"emotion": "fear"}},
    "/api/people/invitations": {"role": "annotator"},
    "/api/batches/{batch_id}/next": {},
    "/api/webhooks": {"url": "http://127.0.0.1:9/x", "events": ["published"]},
    "/api/guidelines": {"text": "x", "base": 0},
    "/api/calibration/{calibration_id}/{nth}": {"emotion": "fear"},
    "/api/disputes/{batch_id}/{segment_id}": {
        "key": "12345678",
        "values": {"emotion": "fear"},
        "reason": "x",
    },
}


_FORM = {"name": "yves", "password": PASSWORD}


def routes():
    """(method, path) of every route of the app, but for the static files."""
    found = {
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    return sorted(found, key=lambda pair: (pair[1], pair[0]))


def test_the_table_names_every_route_and_no_other():
    assert set(routes()) == set(ACCESS)


@pytest.fixture
def everybody(desk):
    an_account(desk, "zoe")
    an_account(desk, "yves")
    return {"nobody": {}} | {
        role: bearer(desk, an_account(desk, f"the {role}", role)) for role in ROLES
    }


@pytest.mark.slow
def test_every_call_as_every_role_is_let_through_or_refused_as_the_table_says(desk, everybody):
    wrong = []
    with TestClient(create_app(desk), follow_redirects=False) as client:
        for method, path in routes():
            address = re.sub(r"\{(\w+)\}", lambda found: _ABOUT[found[1]], path)
            for role in ASKERS:
                client.cookies.clear()
                body = {"json": _BODIES.get(path)} if path.startswith("/api") else {"data": _FORM}
                status = client.request(
                    method, address, headers=everybody[role], **body
                ).status_code
                refused = status == 401 if role == "nobody" else status == 403
                refused = refused or (role == "nobody" and status == 303 and path != "/login")
                if path in ("/audio/{segment_id}", "/picture/{segment_id}"):
                    refused = status != 403  # without a good link it is nobody's
                if refused == (role in ACCESS[method, path]):
                    wrong.append((method, path, role, status))
    assert wrong == []


def test_a_stranger_gets_401_from_the_api_and_the_sign_in_page_elsewhere(client):
    answer = client.get("/api/batches")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_signed_in"
    assert client.get("/judge/round-1").headers["location"] == "/login?next=/judge/round-1"

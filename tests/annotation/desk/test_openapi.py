"""The API against its own description: no server error, no undocumented answer."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import checks
from starlette.testclient import TestClient

from annotation.desk.web.app import create_app
from tests.annotation.desk.conftest import (
    BATCH,
    Clock,
    an_account,
    bearer,
    make_desk,
)

checks.load_all_checks()
CHECKS = checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
"""What an answer has to hold to."""


@pytest.fixture(scope="module")
def app(tmp_path_factory, migrated_sqlite, clips):
    """An app with a batch that is open, and an admin's token."""
    folder = tmp_path_factory.mktemp("openapi")
    (folder / "records.db").write_bytes(migrated_sqlite.read_bytes())
    desk = make_desk(f"sqlite:///{folder / 'records.db'}", folder, clips, Clock(), [])
    headers = bearer(desk, an_account(desk, "root", "admin"))
    an_account(desk, "ada")
    app = create_app(desk)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield app, client, headers


@pytest.mark.slow
def test_every_answer_is_one_that_the_document_has(app):
    the_app, client, headers = app
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", the_app, headers=headers)
    n_operations = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        n_operations += 1

        @settings(
            max_examples=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answers_hold(case):
            # Half of what names a batch or a person names one that there is.
            known = {"batch_id": BATCH, "name": "ada"}
            for name in case.path_parameters or {}:
                if name in known and len(str(case.path_parameters[name])) % 2:
                    case.path_parameters[name] = known[name]
            response = case.call(session=client, headers=headers)
            case.validate_response(response, checks=CHECKS)

        answers_hold()
    assert n_operations >= 15

"""A batch judged by simulated people through the API, the way a browser does it."""

import numpy as np
from starlette.testclient import TestClient

from annotation.desk.web.app import create_app
from labels.scheme import Scheme
from labels.simulation import SimulatedAnnotator
from tests.annotation.desk.conftest import an_account, bearer


def people(scheme: Scheme, reliabilities: dict[str, float], seed: int) -> list[SimulatedAnnotator]:
    """Annotators who are right so often, and else say any other emotion; 0 says just anything."""
    k = len(scheme.classes)
    found = []
    for name, right in reliabilities.items():
        confusion = np.full((k, k), (1 - right) / (k - 1))
        np.fill_diagonal(confusion, right)
        if right == 0:
            confusion = np.full((k, k), 1 / k)
        found.append(SimulatedAnnotator(name, scheme, confusion, is_spammer=right == 0, seed=seed))
    return found


def judge_through_the_api(desk, batch_id, truth, annotators) -> int:
    """Each annotator signs in by token and judges until nothing is left; returns how many."""
    n_stored = 0
    with TestClient(create_app(desk)) as client:
        for person in annotators:
            headers = bearer(desk, an_account(desk, person.name))
            while True:
                answer = client.post(f"/api/batches/{batch_id}/next", json={}, headers=headers)
                assert answer.status_code == 200, answer.text
                clip = answer.json()["clip"]
                if clip is None:
                    break
                said = person.judge(clip["segment"], truth[clip["segment"]])
                asked = {
                    "lease": clip["lease"],
                    "key": f"key-{n_stored:08}",
                    "values": said,
                    "duration_s": 4.0,
                }
                stored = client.post("/api/judgements", json=asked, headers=headers)
                assert stored.status_code == 201, stored.text
                n_stored += 1
    return n_stored

"""The desk as a process, over a real PostgreSQL that is restarted while people judge, and telling
a real receiver."""

import json
import signal
import threading
import time
from datetime import UTC, datetime

import httpx
import pytest

import db.judgements
from annotation.desk import webhooks
from db.engine import connect, upgrade
from tests.annotation.desk.conftest import BATCH, N_CLIPS, an_account, bearer, make_desk
from tests.annotation.desk.process import running_desk
from tests.annotation.desk.test_webhooks import Receiver
from tests.postgres import NoPostgresError, restartable_cluster
from tests.processes import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster():
    """A PostgreSQL server that can be restarted, or a skip that says why there is none."""
    try:
        with restartable_cluster() as one:
            yield one
    except NoPostgresError as reason:
        pytest.skip(str(reason))


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


def _now():
    return datetime.now(UTC)


@pytest.fixture
def home(cluster, tmp_path, clips):
    """A workspace over that server, with a batch; its settings, and a desk to look into it by."""
    engine = connect(cluster.url)
    upgrade(engine)
    engine.dispose()
    (tmp_path / "undertone.toml").write_text(
        f'database_url = "{cluster.url}"\ndata_dir = "."\ndesk_repeat_share = 0.0\n'
        'desk_calibration_clips = 0\ndesk_internal_webhooks = "yes"\n'
    )
    return make_desk(cluster.url, tmp_path, clips, _now, []), tmp_path


def ask(client, path, body, within_s=60):
    """POST, and again while the desk cannot answer: what a page does. The answer, and how often
    it had to be sent again."""
    deadline, n_again = time.monotonic() + within_s, 0
    while True:
        try:
            answer = client.post(path, json=body)
        except httpx.HTTPError:
            answer = None
        if answer is not None and answer.status_code != 503:
            return answer, n_again
        assert time.monotonic() < deadline, "the desk did not recover"
        n_again += 1
        time.sleep(0.1)


def test_a_restarted_database_loses_nothing_and_a_webhook_tells_of_it_all(cluster, home, receiver):
    desk, folder = home
    hook = webhooks.add(desk, an_account(desk, "lou", "lead"), receiver.url, ["completed"])
    headers = bearer(desk, an_account(desk, "ada"))
    desk.workspace.engine.dispose()
    acknowledged, sent_again = [], 0
    with running_desk(folder) as address, httpx.Client(base_url=address, headers=headers) as client:
        for nth in range(N_CLIPS):
            given, again = ask(client, f"/api/batches/{BATCH}/next", {})
            assert given.status_code == 200, given.text
            if nth == 4:  # as when it is updated
                cluster.stop(signal.SIGINT)
                threading.Timer(1.0, cluster.start).start()
            if nth == 8:  # as when it crashes
                cluster.stop(signal.SIGQUIT)
                threading.Timer(1.0, cluster.start).start()
            said = {
                "lease": given.json()["clip"]["lease"],
                "key": f"a-key-{nth:04}",
                "values": {"emotion": "fear"},
            }
            stored, more = ask(client, "/api/judgements", said)
            assert stored.status_code in (200, 201), stored.text
            acknowledged.append(stored.json()["judgement"])
            sent_again += again + more
        wait_until(lambda: bool(receiver.got), 60, "the webhook is told")
    assert sent_again >= 2  # it was away indeed
    with desk.workspace.reading() as tx:
        kept = [one.id for one in db.judgements.read(tx, ["expert"], batch_id=BATCH)]
    assert sorted(kept) == sorted(acknowledged)
    assert len(set(kept)) == N_CLIPS
    received, body = receiver.got[0]
    sent_at = int(received["X-Undertone-Time"])
    assert received["X-Undertone-Signature"] == webhooks.signature(hook.secret, sent_at, body)
    assert json.loads(body)["event"] == "completed"
    assert json.loads(body)["batch"] == BATCH

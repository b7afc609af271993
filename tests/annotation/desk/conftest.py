"""A desk over a small workspace, on SQLite and on PostgreSQL, with somebody of every role.

`desk` is a desk on SQLite. `stored_desk` runs a test on both databases. `client(desk)` is the app;
`as_role` gives the headers of an API token of an account.
"""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

import db.accounts
import db.batches
from annotation.desk import signing_in
from annotation.desk.desk import Desk, Rules
from annotation.desk.passwords import hashed
from annotation.desk.web.app import create_app
from db.desk_records import Account
from db.records import BatchItem
from labels.scheme import Scheme
from rounds import pool
from rounds.ingest import ingest
from rounds.workspace import Workspace
from tests.db.conftest import (  # noqa: F401 - fixtures
    migrated_postgres,
    migrated_sqlite,
    postgres_url,
    url,
)
from tests.made_voices import write_voice

N_CLIPS = 12
N_MORE = 8
"""Clips that are in no batch."""
BATCH = "round-1"
PASSWORD = "a long enough password"
_HASH = hashed(PASSWORD)


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    """A folder of clips, a recording of three utterances, and three recordings of a session."""
    folder = tmp_path_factory.mktemp("clips")
    for i in range(N_CLIPS + N_MORE):
        write_voice(folder / f"{i:02}.wav", 110 + 15 * i, 0.5, seed=i)
    write_voice(folder / "talk.wav", 150, 3.0, seed=99)
    for turn in (1, 2, 10):
        write_voice(folder / f"turn{turn}.wav", 150 + 9 * turn, 0.5, seed=turn)
    rows = [f"{i:02}.wav,s{i % 3},,,,," for i in range(N_CLIPS + N_MORE)]
    rows += [f"talk.wav,anna,{i},{i + 1},talk {i},," for i in range(3)]
    rows += [f"turn{n}.wav,p{n},,,turn {n},call-7,{n}" for n in (1, 2, 10)]
    head = "path,speaker,start,end,transcript,session,turn"
    (folder / "manifest.csv").write_text("\n".join([head, *rows]) + "\n")
    return folder


@pytest.fixture
def events():
    """What the desk told its listener: (event, batch)."""
    return []


@pytest.fixture
def clock():
    return Clock()


def make_desk(address, folder, clips, clock, events, **rules) -> Desk:
    """A desk over records at `address`, with the clips and an open batch of them."""
    workspace = Workspace.open(database_url=address, data_dir=folder, scheme=Scheme.default())
    ingest(workspace, str(clips))
    table = pool.read(workspace)
    ids = table.loc[table["transcript"].isna(), "segment_id"]
    publish(workspace, BATCH, list(ids)[:N_CLIPS])
    given = {"repeat_share": 0.0, "internal_webhooks": True, **rules}
    return Desk(workspace, Rules(**given), clock, lambda *event: events.append(event))


def publish(workspace, batch_id, segments, overlap=1) -> None:
    """Publish segments as a batch, each for a reason that judges are not to see."""
    items = [
        BatchItem(batch_id, one, rank, "query", "SECRET REASON", 0.5)
        for rank, one in enumerate(segments, start=1)
    ]
    with workspace.writing() as tx:
        db.batches.publish_batch(tx, batch_id, items, overlap=overlap)


@pytest.fixture
def desk(migrated_sqlite, tmp_path, clips, clock, events):  # noqa: F811
    """A desk on SQLite."""
    path = tmp_path / "records.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    return make_desk(f"sqlite:///{path}", tmp_path, clips, clock, events)


@pytest.fixture
def stored_desk(url, tmp_path, clips, clock, events):  # noqa: F811
    """A desk on each database."""
    return make_desk(url, tmp_path, clips, clock, events)


def with_rules(desk, **rules) -> Desk:
    """The same desk by other rules."""
    return Desk(desk.workspace, replace(desk.rules, **rules), desk.clock, desk.on_event)


def an_account(desk, name, role="annotator", *, all_batches=True) -> Account:
    """Somebody who can sign in with PASSWORD."""
    one = Account(
        id=secrets.token_hex(8),
        name=name,
        role=role,
        created_at=desk.now(),
        created_by="test",
        all_batches=all_batches,
        password_hash=_HASH,
    )
    with desk.workspace.writing() as tx:
        assert db.accounts.add(tx, one)
    return one


def bearer(desk, account) -> dict[str, str]:
    """Headers with an API token of an account."""
    _, secret = signing_in.new_token(desk, account, "test", None)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def client(desk):
    """The app over `desk`; it follows no redirects."""
    with TestClient(
        create_app(desk), follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield client


def sign_in(client, name) -> str:
    """Sign a client in as a person does; returns the CSRF token of its pages."""
    answer = client.post("/login", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client.get("/api/me").json()["csrf"]

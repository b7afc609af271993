"""Leads' pages over very many judgements: how long each takes, the first time and again.

    python bench/desk_pages.py [--judgements 100000]

Made-up segments, each judged by three of twelve people who are right two times of three, on
SQLite in a temporary folder; the pages are asked for through the app, without a network between.
"""

import argparse
import secrets
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from made_pool import made_up

# bench/active_learning.py would hide the room of that name.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import numpy as np
from starlette.testclient import TestClient

import db.accounts
import db.batches
import db.judgements
import db.recordings
import db.segments
from annotation.desk.desk import Desk, Rules
from annotation.desk.signing_in import new_token
from annotation.desk.web.app import create_app
from db.desk_records import Account
from db.records import BatchItem
from labels.judgements import Judgement
from labels.scheme import Scheme
from rounds.workspace import Workspace

N_PEOPLE, N_EACH, RIGHT = 12, 3, 0.65
PAGES = (
    "/", "/review", "/review/big", "/disputes", "/api/batches/big/review", "/api/disputes",
    "/api/judgements", "/people", "/log",
)  # fmt: skip


def fill(workspace: Workspace, n_segments: int) -> Account:
    """Records with a batch that is judged; an admin."""
    rng = np.random.default_rng(0)
    now = datetime.now(UTC)
    classes = workspace.scheme.classes
    recordings, segments = made_up(n_segments)
    items = [BatchItem("big", one.id, i, "query", "made up") for i, one in enumerate(segments, 1)]
    people = [f"judge {i:02}" for i in range(N_PEOPLE)]
    said = []
    for one in segments:
        truth = int(rng.integers(len(classes)))
        for who in rng.choice(N_PEOPLE, N_EACH, replace=False):
            heard = truth if rng.random() < RIGHT else int(rng.integers(len(classes)))
            values = {"emotion": classes[heard]}
            values |= {scale.name: str(rng.integers(1, 6)) for scale in workspace.scheme.scales}
            at = now - timedelta(seconds=4 * (n_segments * N_EACH - len(said)))
            said.append(
                Judgement(
                    f"j{len(said)}", one.id, people[who], "expert", values, batch_id="big",
                    duration_s=4.0, judged_at=at, source="desk",
                )
            )  # fmt: skip
    admin = Account(secrets.token_hex(8), "root", "admin", now, "bench", all_batches=True)
    with workspace.writing() as tx:
        db.recordings.add(tx, recordings)
        db.segments.add(tx, segments)
        db.batches.publish_batch(tx, "big", items, overlap=N_EACH)
        for name in people:
            one = Account(secrets.token_hex(8), name, "annotator", now, "bench", all_batches=True)
            db.accounts.add(tx, one)
        db.accounts.add(tx, admin)
        for at in range(0, len(said), 5000):
            db.judgements.add(tx, said[at : at + 5000])
    return admin


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judgements", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="undertone-bench-pages-") as folder:
        workspace = Workspace.open(
            database_url=f"sqlite:///{folder}/undertone.db",
            data_dir=Path(folder),
            scheme=Scheme.default(),
        )
        admin = fill(workspace, arguments.judgements // N_EACH)
        for path in PAGES:
            # A desk that was just started has worked nothing out.
            desk = Desk(workspace, Rules(calibration_clips=8))
            headers = {"Authorization": f"Bearer {new_token(desk, admin, 'bench', None)[1]}"}
            with TestClient(create_app(desk)) as client:
                times = [_asked(client, path, headers) for _ in range(2)]
            (first, cpu, n_bytes), (again, _, _) = times
            print(
                f"{path:26} first {first:6.2f} s ({cpu:5.2f} s CPU)   again {again:6.2f} s   "
                f"{n_bytes:9,} bytes"
            )
        workspace.engine.dispose()
    return 0


def _asked(client: TestClient, path: str, headers: dict[str, str]) -> tuple[float, float, int]:
    began, used = time.perf_counter(), time.process_time()
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - began, time.process_time() - used, len(answer.content)


if __name__ == "__main__":
    sys.exit(main())

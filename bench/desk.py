"""The desk under a crowd: 50 annotators who fetch and submit without pause, and a server killed.

    python bench/desk.py [--seconds 120] [--annotators 50] [--kills 5]

`undertone desk` is started as a user starts it, over a batch of made-up segments (no sound: pages
load that ahead). Each annotator asks for a clip and judges it, over HTTP with a token of their own,
again and again. Meanwhile the server is killed with -9 and started again; who gets no answer sends
the same judgement again, as the page does. In the end the records are held against what was
acknowledged: nothing lost, nothing twice, no clip out with two people at once. Everything is on
this machine and the loopback address, in a temporary folder.
"""

import argparse
import asyncio
import contextlib
import importlib.util
import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from made_pool import made_up

# bench/active_learning.py would hide the room of that name.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import aiohttp
import numpy as np
import psutil
import sqlalchemy as sa

import db.accounts
import db.batches
import db.recordings
import db.segments
from annotation.desk.desk import Desk
from annotation.desk.signing_in import new_token
from config.opening import open_workspace
from config.settings import Settings
from db.desk_records import Account
from db.records import BatchItem
from db.schema import judgement, lease

ROOT = Path(__file__).resolve().parent.parent
UNDERTONE = str(Path(sys.executable).with_name("undertone"))
BATCH = "bench"
EMOTIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
BAR_MS = 150


@dataclass
class Seen:
    """What the annotators met."""

    fetch_s: list[float] = field(default_factory=list)
    submit_s: list[float] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    leases: list[tuple[str, str]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    n_sent_again: int = 0


class Server:
    """`undertone desk`, which may be killed and started again."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._home, self._environment = home, environment
        self._process: subprocess.Popen[bytes] | None = None
        self.cpu_s = 0.0

    def start(self) -> None:
        command = [UNDERTONE, "--home", str(self._home), "desk", "--port", str(self.port)]
        log = (self._home / "desk.log").open("ab")
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=log, stderr=log, cwd=self._home
        )
        log.close()

    def kill(self) -> None:
        assert self._process is not None
        used = psutil.Process(self._process.pid).cpu_times()
        self.cpu_s += used.user + used.system
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


def fill(home: Path, n_segments: int, n_annotators: int) -> list[str]:
    """Records with a batch of segments, and annotators; returns their tokens."""
    workspace = open_workspace(Settings(home=home))
    now = datetime.now(UTC)
    recordings, segments = made_up(n_segments)
    items = [
        BatchItem(BATCH, one.id, rank, "query", "made up") for rank, one in enumerate(segments, 1)
    ]
    desk = Desk(workspace)
    accounts = [
        Account(secrets.token_hex(8), f"judge {i:02}", "annotator", now, "bench", all_batches=True)
        for i in range(n_annotators)
    ]
    with workspace.writing() as tx:
        db.recordings.add(tx, recordings)
        db.segments.add(tx, segments)
        db.batches.publish_batch(tx, BATCH, items)
        for one in accounts:
            db.accounts.add(tx, one)
    return [new_token(desk, one, "bench", None)[1] for one in accounts]


async def ask(
    session: aiohttp.ClientSession, path: str, body: dict[str, Any], seen: Seen, until: float
) -> tuple[int, dict[str, Any], float] | None:
    """(status, answer, seconds that the answered try took); sent again while nobody answers."""
    while True:
        began = time.perf_counter()
        try:
            async with session.post(path, json=body) as answer:
                said = await answer.json()
                return answer.status, said, time.perf_counter() - began
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            if time.monotonic() > until + 60:
                return None
            seen.n_sent_again += 1
            await asyncio.sleep(0.05)


async def annotate(base: str, token: str, me: int, seen: Seen, until: float) -> None:
    """Fetch and submit without pause."""
    random = np.random.default_rng(me)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(base, headers=headers) as session:
        while time.monotonic() < until:
            fetched = await ask(session, f"/api/batches/{BATCH}/next", {}, seen, until)
            if fetched is None or fetched[0] != 200 or fetched[1]["clip"] is None:
                seen.answers[f"fetch {fetched and fetched[:2]}"] += 1
                return
            seen.fetch_s.append(fetched[2])
            clip = fetched[1]["clip"]
            seen.leases.append((clip["segment"], clip["lease"]))
            body = {
                "lease": clip["lease"], "key": secrets.token_hex(12), "duration_s": 1.0,
                "values": {
                    "emotion": EMOTIONS[int(random.integers(7))],
                    "valence": int(random.integers(1, 6)), "arousal": int(random.integers(1, 6)),
                },
            }  # fmt: skip
            stored = await ask(session, "/api/judgements", body, seen, until)
            if stored is None or stored[0] not in (200, 201):
                seen.answers[f"submit {stored and stored[:2]}"] += 1
                continue
            seen.answers[f"submit {stored[0]}"] += 1
            seen.submit_s.append(stored[2])
            seen.acknowledged[stored[1]["judgement"]] = clip["segment"]


async def crowd(server: Server, tokens: list[str], seconds: float, n_kills: int) -> Seen:
    """Everybody at once; the server is killed `n_kills` times, evenly spread."""
    seen = Seen()
    base = f"http://127.0.0.1:{server.port}"
    await _answers(base)
    until = time.monotonic() + seconds
    work = [
        asyncio.create_task(annotate(base, token, me, seen, until))
        for me, token in enumerate(tokens)
    ]
    for _ in range(n_kills):
        await asyncio.sleep(seconds / (n_kills + 1))
        server.kill()
        server.start()
    await asyncio.gather(*work)
    return seen


async def _answers(base: str) -> None:
    async with aiohttp.ClientSession(base) as session:
        for _ in range(600):
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                async with session.get("/health") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise SystemExit("the desk did not start")


def held_against(home: Path, seen: Seen) -> dict[str, int]:
    """What the records say to what was acknowledged."""
    with open_workspace(Settings(home=home)).reading() as tx:
        c, out = judgement.c, lease.c
        kept = {row.id: row for row in tx.execute(sa.select(c.id, c.segment_id, c.annotator))}
        about = (out.segment_id, out.taken_at, out.ended_at, out.expires_at)
        spans = list(tx.execute(sa.select(*about)))
    per_segment = Counter(row.segment_id for row in kept.values())
    by_segment: dict[str, list[Any]] = {}
    for span in spans:
        by_segment.setdefault(span.segment_id, []).append(span)
    n_double = 0
    for some in by_segment.values():
        some.sort(key=lambda one: one.taken_at)
        for one, after in itertools.pairwise(some):
            n_double += after.taken_at < (one.ended_at or one.expires_at)
    return {
        "acknowledged": len(seen.acknowledged),
        "in the records": len(kept),
        "lost": sum(identity not in kept for identity in seen.acknowledged),
        "stored twice": sum(n - 1 for n in per_segment.values()),
        "double-leased": n_double,
    }


@contextlib.contextmanager
def database(kind: str, home: Path) -> Iterator[str]:
    """The URL of a fresh database."""
    if kind == "sqlite":
        yield f"sqlite:///{home}/undertone.db"
        return
    spec = importlib.util.spec_from_file_location("postgres", ROOT / "tests" / "postgres.py")
    assert spec is not None
    assert spec.loader is not None
    postgres = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(postgres)
    with postgres.postgres_cluster(durable=True) as url:
        yield url


def measure(kind: str, arguments: argparse.Namespace) -> bool:
    """One database; whether every bar is met."""
    with tempfile.TemporaryDirectory(prefix="undertone-bench-desk-") as folder:
        home = Path(folder)
        (home / "undertone.toml").write_text("desk_repeat_share = 0.0\n")
        with database(kind, home) as url:
            os.environ["UNDERTONE_DATABASE_URL"] = url
            tokens = fill(home, arguments.segments, arguments.annotators)
            server = Server(home, dict(os.environ))
            server.start()
            try:
                seen = asyncio.run(crowd(server, tokens, arguments.seconds, arguments.kills))
            finally:
                server.kill()
            found = held_against(home, seen)
            open_workspace(Settings(home=home)).engine.dispose()
    return report(kind, arguments, seen, found, server.cpu_s)


def report(
    kind: str, arguments: argparse.Namespace, seen: Seen, found: dict[str, int], cpu_s: float
) -> bool:
    """Print a table; whether every bar is met."""
    figures = {"submit": seen.submit_s, "fetch": seen.fetch_s}
    at = {name: np.percentile(one, [50, 95, 99]) * 1000 for name, one in figures.items()}
    errors = {k: n for k, n in seen.answers.items() if k not in ("submit 200", "submit 201")}
    print(
        f"\n{kind}: {arguments.annotators} annotators, {arguments.seconds:g} s, "
        f"{arguments.kills} kills (bar: p95 of submit < {BAR_MS} ms)"
    )
    for name, (half, most, nearly_all) in at.items():
        print(f"  {name:6} p50 / p95 / p99 ms  {half:6.0f} {most:6.0f} {nearly_all:6.0f}")
    counts = {
        "judgements a second": round(len(seen.submit_s) / arguments.seconds),
        "server CPU s": round(cpu_s),
        "sent again after a kill": seen.n_sent_again,
        **found,
        "errors": sum(errors.values()),
    }
    for name, count in counts.items():
        print(f"  {name:25} {count:7,}")
    for what, count in errors.items():
        print(f"    {count} x {what}")
    clean = not any((found["lost"], found["stored twice"], found["double-leased"], errors))
    return clean and bool(at["submit"][1] < BAR_MS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--annotators", type=int, default=50)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--segments", type=int, default=40_000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    met = [measure(kind, arguments) for kind in arguments.databases]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())

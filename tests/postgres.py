"""A PostgreSQL server of the tests' own: started on fresh data, stopped and removed at the end."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

_STARTS_WITHIN_S = 60


class NoPostgresError(Exception):
    """There is no server to start here; the message says why."""


def find_binaries() -> Path:
    """The folder of initdb and postgres: pg_config's, else Debian's. Raises NoPostgresError."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if pg_config := shutil.which("pg_config"):
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        folders.insert(0, Path(told.stdout.strip()))
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgresError("no PostgreSQL server binaries (pg_config --bindir, /usr/lib/postgresql)")


class Cluster:
    """A server that can be restarted; `url` is its SQLAlchemy URL."""

    def __init__(self, binaries: Path, folder: Path, user: dict[str, Any], durable: bool) -> None:
        self._how = (binaries, folder, user, durable)
        self.url = f"postgresql+psycopg://undertone@/postgres?host={quote(str(folder), safe='')}"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, on what it left behind."""
        self._server = _start(*self._how)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it: SIGQUIT as in a crash, SIGINT cutting off who is connected."""
        if self._server is not None:
            _stop(self._server, how)


@contextmanager
def postgres_cluster(*, durable: bool = False) -> Iterator[str]:
    """A fresh cluster that only answers on a Unix socket; yields its SQLAlchemy URL.

    The same as `restartable_cluster`, for who does not restart it.
    """
    with restartable_cluster(durable=durable) as cluster:
        yield cluster.url


@contextmanager
def restartable_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A fresh cluster that only answers on a Unix socket.

    With `durable` it waits for the disk, as a real one does; tests need not.

    The URL names the database `postgres`; its user may create more. Raises NoPostgresError where
    no server can be started.
    """
    binaries, user = find_binaries(), _unprivileged()
    # Not pytest's tmp_path: another user cannot reach it, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="undertone-pg-"))
    cluster = Cluster(binaries, folder, user, durable)
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        _initdb(binaries, folder, user)
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """As whom the server runs, for subprocess: it refuses root."""
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgresError(
            "PostgreSQL does not run as root, and there is no user postgres"
        ) from None
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _initdb(binaries: Path, folder: Path, user: dict[str, Any]) -> None:
    command = [binaries / "initdb", "--pgdata", folder / "data", "--username=undertone"]
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(
        [*command, *options], cwd=folder, capture_output=True, text=True, check=False, **user
    )
    if made.returncode:
        raise NoPostgresError(f"initdb failed: {' '.join(made.stderr.split())[-300:]}")


def _start(
    binaries: Path, folder: Path, user: dict[str, Any], durable: bool
) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": folder,
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "max_connections": 60,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = (folder / "log").open("wb")
    with log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", *options],
            cwd=folder, stdout=log, stderr=log, **user,
        )  # fmt: skip
    deadline = time.monotonic() + _STARTS_WITHIN_S
    ready = [binaries / "pg_isready", "-q", "-h", folder]
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            _stop(server)
            said = (folder / "log").read_text(encoding="utf-8", errors="replace")
            raise NoPostgresError(f"the server did not start: {' '.join(said.split())[-300:]}")
        time.sleep(0.05)
    return server


def _stop(server: subprocess.Popen[bytes], how: signal.Signals = signal.SIGQUIT) -> None:
    """Stop without waiting for clients that were left open."""
    if server.poll() is None:
        server.send_signal(how)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

"""Servers that a test starts, waits for and ends."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx


def free_port() -> int:
    """A port of this machine on which nobody listens now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def answers(url: str) -> bool:
    """Whether a server says there that all is well."""
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=30).status_code == httpx.codes.OK
    return False


@contextmanager
def serving(
    command: Sequence[str | Path], healthy: str, *, log: Path, cwd: Path,
    env: Mapping[str, str], within_s: float = 120,
):  # fmt: skip
    """A server while it runs, from when `healthy` (a URL) answers; `log` has what it writes.

    It and all that it starts are ended at the end. Fails with the end of the log when it does not
    start.
    """
    with log.open("wb") as file:
        server = subprocess.Popen(
            command, env=env, cwd=cwd, stdout=file, stderr=file, start_new_session=True
        )
    try:
        deadline = time.monotonic() + within_s
        while not answers(healthy):
            said = log.read_text(errors="replace")[-500:]
            assert server.poll() is None, f"{command[0]} ended: {said}"
            assert time.monotonic() < deadline, f"{command[0]} did not start: {said}"
            time.sleep(0.1)
        yield
    finally:
        end(server)


def end(server: subprocess.Popen, within_s: float = 20) -> None:
    """End a process that leads a session, and all in it: asked to first, then killed."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, how)
        with suppress(subprocess.TimeoutExpired):
            server.wait(within_s)
            return

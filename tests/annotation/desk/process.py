"""`undertone desk` as its user starts it: a process of its own, over a workspace on disk."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).resolve().parents[3]
UNDERTONE = str(Path(sys.executable).with_name("undertone"))
_STARTS_WITHIN_S = 120


@contextmanager
def running_desk(home: Path, **settings: str):
    """Its address while it runs; `settings` are UNDERTONE_… of its environment, in small letters.

    What it writes is in `desk.log` of the workspace.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("UNDERTONE_")}
    given = {f"UNDERTONE_{name.upper()}": value for name, value in settings.items()}
    path = {"PYTHONPATH": str(REPOSITORY), "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (home / "desk.log").open("wb") as log:
        process = subprocess.Popen(
            [UNDERTONE, "--home", str(home), "desk", "--port", str(port)],
            env={**kept, **path, **given}, cwd=home, stdout=log, stderr=log,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, home / "desk.log")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        said = log.read_text(errors="replace")[-500:]
        assert process.poll() is None, f"the desk ended: {said}"
        assert time.monotonic() < deadline, f"the desk did not start: {said}"
        time.sleep(0.1)

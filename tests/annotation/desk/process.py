"""`undertone desk` as its user starts it: a process of its own, over a workspace on disk."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port, serving

REPOSITORY = Path(__file__).resolve().parents[3]
UNDERTONE = str(Path(sys.executable).with_name("undertone"))


@contextmanager
def running_desk(home: Path, **settings: str):
    """Its address while it runs; `settings` are UNDERTONE_… of its environment, in small letters.

    What it writes is in `desk.log` of the workspace.
    """
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("UNDERTONE_")}
    given = {f"UNDERTONE_{name.upper()}": value for name, value in settings.items()}
    path = {"PYTHONPATH": str(REPOSITORY), "MLFLOW_DISABLE_TELEMETRY": "true"}
    command = [UNDERTONE, "--home", str(home), "desk", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    env = {**kept, **path, **given}
    with serving(command, f"{address}/health", log=home / "desk.log", cwd=home, env=env):
        yield address

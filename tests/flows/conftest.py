"""One Prefect server and one process worker for the session, with a workspace deployed to them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from corpora.synthetic import make_synthetic_corpus
from tests.processes import MARK, all_gone, wait_until
from tests.servers import answers, end, free_port

REPOSITORY = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MINE = f"flows of {os.getpid()}"


class Deployed:
    """A workspace, and the Prefect server that its deployments are on."""

    def __init__(self, home: Path, prefect_home: Path, port: int) -> None:
        self.home = home
        self.logs = prefect_home
        self.url = f"http://127.0.0.1:{port}/api"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "UNDERTONE_"))},
            "PREFECT_HOME": str(prefect_home),
            "PREFECT_API_URL": self.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "true",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "UNDERTONE_HOME": str(home),
            "OMP_NUM_THREADS": "1",
            MARK: MINE,
        }
        self._started: list[subprocess.Popen] = []

    def command(self, name: str, *arguments: str) -> str:
        """Run a command to its end; what it wrote."""
        done = subprocess.run(
            [BIN / name, *arguments], env=self.environment, cwd=REPOSITORY, timeout=120,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self, log: str, *command: str) -> None:
        """Start a process that runs until `stop`, in a session of its own."""
        with (self.logs / log).open("w") as file:
            process = subprocess.Popen(
                [BIN / command[0], *command[1:]], env=self.environment, cwd=self.logs,
                stdout=file, stderr=file, start_new_session=True,
            )  # fmt: skip
        self._started.append(process)

    def ask(self, path: str, **body) -> list | dict:
        """Of the server: POST with a body, else GET. A busy server is asked again."""
        for _ in range(20):
            if body:
                answer = httpx.post(f"{self.url}{path}", timeout=60, json=body)
            else:
                answer = httpx.get(f"{self.url}{path}", timeout=60)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(0.5)
        answer.raise_for_status()
        return answer.json()

    def healthy(self) -> bool:
        return answers(f"{self.url}/health")

    def run(self, deployment: str, within_s: float = 90) -> dict:
        """Run a deployment through the worker; the flow run when it has ended."""
        found = self.ask(f"/deployments/name/{deployment}")
        made = self.ask(f"/deployments/{found['id']}/create_flow_run", state={"type": "SCHEDULED"})
        return self.ended(made["id"], within_s)

    def ended(self, run_id: str, within_s: float = 90) -> dict:
        """A flow run, when it has ended."""
        final = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
        wait_until(
            lambda: self.ask(f"/flow_runs/{run_id}")["state_type"] in final,
            within_s,
            "the run ends",
        )
        return self.ask(f"/flow_runs/{run_id}")

    def stop(self) -> None:
        """End what was started, the worker before the server."""
        for process in reversed(self._started):
            end(process)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory):
    """A workspace with a source of 24 clips, deployed; the worker is at work."""
    home = tmp_path_factory.mktemp("workspace").resolve()
    make_synthetic_corpus(home / "speech", n_clips=24, n_voices=4, seed=2)
    settings = 'sources = ["speech"]\nbatch_size = 6\nn_workers = 1\n'
    (home / "undertone.toml").write_text(settings, encoding="utf-8")
    port = free_port()
    place = Deployed(home, tmp_path_factory.mktemp("prefect"), port)
    try:
        place.start("server.log", "prefect", "server", "start", "--port", str(port))
        wait_until(place.healthy, 120, "the server answers")
        place.command("prefect", "work-pool", "create", "undertone", "--type", "process")
        place.command("prefect", "--no-prompt", "deploy", "--all")
        place.start("worker.log", "prefect", "worker", "start", "--pool", "undertone")
        yield place
    finally:
        place.stop()
        # The last of them may still be closing when their parents are gone.
        all_gone(MINE, 30)

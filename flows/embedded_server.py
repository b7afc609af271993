"""Prefect's embedded server: started ahead of need, ended with the process that started it.

Prefect's own way of embedding reads the whole server into this process as well (2 s, 80 MB),
waits for it at once, and leaves it behind when this process is killed.
"""

import atexit
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cache

import prefect
from prefect.settings import PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS, get_current_settings

# Reads until the pipe from the first process closes, which happens however that ends.
_WATCH = 'read _; kill "$0" 2>/dev/null && sleep 3 && kill -9 "$0" 2>/dev/null'


@dataclass(frozen=True)
class EmbeddedServer:
    """A server of this process' own, which may still be starting."""

    api_url: str
    process: subprocess.Popen[bytes]
    watcher: subprocess.Popen[bytes]
    """Ends the server once its standard input closes, which is when this process is gone."""

    def wait(self) -> None:
        """Return once it answers. Raises RuntimeError when it does not."""
        timeout_s = PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS.value()
        try:
            # The socket listens already: this is answered as soon as there is somebody to.
            urllib.request.urlopen(f"{self.api_url}/health", timeout=timeout_s).close()
        except (urllib.error.URLError, OSError) as error:
            ended = self.process.poll()
            why = error if ended is None else f"it ended with code {ended}"
            raise RuntimeError(f"Prefect's embedded server does not answer: {why}") from error

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@cache
def embedded_server() -> EmbeddedServer:
    """The one embedded server of this process, started if it is not yet; it stops with Python."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # What it accepts inherits this; else an answer in two parts waits 40 ms for its second.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = listening.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--app-dir", str(prefect.__module_path__.parent),
             "--factory", "prefect.server.api.server:create_app", "--fd", str(listening.fileno()),
             "--log-level", "error", "--lifespan", "on"],
            env=_environment(),
            pass_fds=[listening.fileno()],
        )  # fmt: skip
    server = EmbeddedServer(f"http://127.0.0.1:{port}/api", process, _watch(process))
    atexit.register(server.stop)
    return server


def _environment() -> dict[str, str]:
    settings = get_current_settings().to_environment_variables(exclude_unset=True)
    return {
        **os.environ,
        "PREFECT_UI_ENABLED": "0",
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
        **settings,
    }


def _watch(process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C is for this process, which then stops the server itself.
    return subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, str(process.pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

"""Prefect's embedded server, which is to end with the process that started it.

Prefect stops it when Python exits; a process that is killed exits otherwise, and would leave the
server behind.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL, temporary_settings

# Reads until the pipe from this process closes, which happens however it ends.
_WATCH = 'read _; kill "$0" 2>/dev/null && sleep 3 && kill -9 "$0" 2>/dev/null'


@contextmanager
def embedded_server() -> Iterator[None]:
    """Run what is inside against one embedded server, kept for the rest of this process.

    By its address, so that the worker processes of a flow talk to it as well: left to themselves
    each would start a server of its own.
    """
    server = SubprocessASGIServer()
    if not server.running:
        launch: Any = server._run_uvicorn_command
        server._run_uvicorn_command = lambda: _watched(launch())
        server.start()
    with temporary_settings({PREFECT_API_URL: server.api_url}):
        yield


def _watched(process: subprocess.Popen[Any]) -> subprocess.Popen[Any]:
    # A session of its own: Ctrl-C is for this process, which then stops the server itself.
    process.watcher = subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, str(process.pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return process

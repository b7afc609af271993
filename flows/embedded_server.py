"""Prefect's embedded server, which is to end with the process that started it.

Prefect stops it when Python exits; a process that is killed exits otherwise, and would leave the
server behind.
"""

import subprocess
from typing import Any

from prefect.server.api.server import SubprocessASGIServer

# Reads until the pipe from this process closes, which happens however it ends.
_WATCH = 'read _; kill "$0" 2>/dev/null && sleep 3 && kill -9 "$0" 2>/dev/null'


def start_embedded_server() -> None:
    """Start the server that the flows of this process will use, unless it runs."""
    server = SubprocessASGIServer()
    if server.running:
        return
    launch: Any = server._run_uvicorn_command

    def launch_watched() -> subprocess.Popen[Any]:
        process: subprocess.Popen[Any] = launch()
        # A session of its own: Ctrl-C is for this process, which then stops the server itself.
        process.watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, str(process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return process

    server._run_uvicorn_command = launch_watched
    server.start()

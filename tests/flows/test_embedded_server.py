"""The embedded server answers, and is gone once its process is, however that ended."""

import os
import subprocess
import sys

import pytest

from tests.processes import wait_until
from tests.servers import answers

pytestmark = pytest.mark.slow

STARTED = """
from flows.embedded_server import embedded_server

server = embedded_server()
assert embedded_server() is server
server.wait()
print(server.api_url, flush=True)
input()
"""


@pytest.fixture
def starter(tmp_path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    environment |= {
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("end", ["at its end", "by a kill"])
def test_the_server_answers_and_is_gone_with_its_process(starter, end):
    url = starter.stdout.readline().strip()
    health = f"{url}/health"
    assert answers(health)
    if end == "by a kill":
        starter.kill()
        starter.wait()
    else:
        starter.communicate("\n", timeout=60)
        assert starter.returncode == 0
    wait_until(lambda: not answers(health), 30, "the server is gone")

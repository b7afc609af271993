import os
import subprocess
import sys

import pytest

_ANNOUNCE = """
from config.settings import Settings
from flows.announcing import announce_complete
print(announce_complete(Settings(), "round-1"))
"""


def _announce(home, **environment):
    """In a process of its own, for Prefect reads where its server is only once."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "UNDERTONE_"))}
    return subprocess.run(
        [sys.executable, "-c", _ANNOUNCE],
        env={**kept, "UNDERTONE_HOME": str(home), "PREFECT_HOME": str(home), **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_with_an_embedded_server_nobody_is_told(tmp_path):
    assert _announce(tmp_path).stdout == "False\n"


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_named_in_one_line(tmp_path):
    said = _announce(tmp_path, UNDERTONE_PREFECT_API_URL="http://127.0.0.1:1/api").stderr
    last = said.splitlines()[-1]
    assert last.startswith("flows.announcing.AnnounceError: the Prefect server could not be told")
    assert "round-1 is complete" in last
    assert "the round on a schedule will find it" in last

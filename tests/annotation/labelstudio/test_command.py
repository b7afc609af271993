"""The commands as they are typed: what goes wrong is one line, and the token in none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import free_port

UNDERTONE = Path(sys.executable).with_name("undertone")
SECRET = "s3cret" * 6


@pytest.fixture
def home(tmp_path, desk):
    """A workspace over the desk's records."""
    url = desk.workspace.engine.url.render_as_string()
    (tmp_path / "undertone.toml").write_text(f'database_url = "{url}"\ndata_dir = "."\n')
    return tmp_path


def run(home, *words, **settings):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("UNDERTONE_")}
    given = {f"UNDERTONE_{name.upper()}": value for name, value in settings.items()}
    path = {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    return subprocess.run(
        [UNDERTONE, "--home", str(home), "labelstudio", *words],
        env={**kept, **path, **given}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.slow
def test_a_server_that_is_down_and_one_that_is_not_set_are_one_line_each(home):
    nobody = f"http://127.0.0.1:{free_port()}"
    unset = run(home, "push", "round-1")
    assert unset.returncode == 2
    assert unset.stderr.startswith("undertone: no Label Studio is configured: set labelstudio_url")
    down = run(home, "push", "round-1", labelstudio_url=nobody, labelstudio_token=SECRET)
    assert down.returncode == 2
    assert f"Label Studio cannot be reached at {nobody}" in down.stderr
    assert down.stderr.count("\n") == 1
    assert SECRET not in down.stderr + down.stdout
    log = home / "undertone.log"
    assert SECRET not in (log.read_text() if log.exists() else "")
    wrong = run(home, "push", "round-1", labelstudio_url="nowhere", labelstudio_token=SECRET)
    assert "UNDERTONE_LABELSTUDIO_URL = 'nowhere': is no address" in wrong.stderr

"""`undertone demo`, which the README shows first, from nothing to its report."""

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.timeout(900)  # a minute alone; minutes where others work
def test_a_round_of_the_demo_ends_with_a_report(tmp_path):
    command = [sys.executable, "-c", "from cli.main import main; main()", "demo", "--rounds", "1"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=2400, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Round 1: 0 gold labels to train on" in done.stdout
    assert (tmp_path / "demo" / "report.html").stat().st_size > 10_000
    assert (tmp_path / "demo" / "SYNTHETIC_DEMO").read_text().startswith("finished")
    asked = [*command[:3], "--home", "demo", "predict", "demo/speech/manifest.csv"]
    told = subprocess.run(
        asked, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
    )
    assert "no model is champion yet" in told.stderr, "the demo's folder is a workspace"

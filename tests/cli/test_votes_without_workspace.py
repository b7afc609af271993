"""`undertone aggregate` and `undertone agreement` on files, as a user runs them."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import cli.commands  # noqa: F401  (adds the commands)
from cli.main import app

ROWS = [("a", "ann", "joy"), ("a", "bob", "joy"), ("b", "ann", "fear"), ("b", "bob", "joy")]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = ["item,annotator,value", *(",".join(row) for row in ROWS), "c,ann"]
    (tmp_path / "votes.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "gold.csv").write_text("item,truth\na,joy\nz,sad\n")
    return tmp_path


def _run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_aggregate_writes_labels_and_needs_no_workspace(here):
    done = _run("aggregate", "votes.csv", "--gold", "gold.csv", "--out", "labels.csv")
    assert done.exit_code == 0, done.output
    rows = (here / "labels.csv").read_text().splitlines()
    assert rows[0] == "item,label,confidence,p_fear,p_joy"
    assert rows[1].startswith("a,joy,0.") and len(rows) == 3
    assert "mean confidence" in done.stdout and "accuracy on gold" in done.stdout
    assert "passed over: votes.csv line 6: has 2 fields where the header has 3" in done.stderr
    assert "gold.csv has 1 items that nobody voted on" in done.stderr
    assert {p.name for p in here.iterdir()} == {"votes.csv", "gold.csv", "labels.csv"}


def test_aggregates_json_is_all_there_is_on_standard_output(here):
    done = _run("aggregate", "votes.csv", "--gold", "gold.csv", "--out", "labels.csv", "--json")
    told = json.loads(done.stdout)
    assert told["n_items"] == 2 and told["n_rows_passed_over"] == 1
    assert told["classes"] == ["fear", "joy"]
    assert told["gold"]["n_known"] == 1 and told["gold"]["accuracy"] == 1.0


def test_ratings_are_aggregated_to_a_mean_and_a_deviation(here):
    rows = [f"clip {i},rater {j},{(7 * i + 3 * j) % 101}" for i in range(40) for j in range(3)]
    (here / "ratings.csv").write_text("\n".join(["item,annotator,value", *rows]) + "\n")
    (here / "means.csv").write_text("item,truth\nclip 1,10\nclip 2,17\nclip 3,high\n")
    done = _run("aggregate", "ratings.csv", "--gold", "means.csv", "--out", "values.csv")
    assert done.exit_code == 0, done.output
    assert "interval, 0 to " in done.stdout and "(by the values; --level" in done.stdout
    assert "RMSE on gold (plain mean)" in done.stdout
    assert "passed over: means.csv: of 'clip 3' it has no number" in done.stderr
    rows = (here / "values.csv").read_text().splitlines()
    assert rows[0] == "item,mean,sd,low,high,rating_sd,n_ratings" and len(rows) == 41
    told = json.loads(_run("aggregate", "ratings.csv", "--out", "values.csv", "--json").stdout)
    assert told["level"] == "interval" and told["level_guessed"]
    done = _run("aggregate", "ratings.csv", "--out", "values.csv", "--prior", "uniform")
    assert "--prior is for classes; these votes are interval ratings" in str(done.exception)
    as_classes = _run("aggregate", "ratings.csv", "--out", "values.csv", "--level", "nominal")
    assert as_classes.exit_code == 0, as_classes.output


def test_agreement_of_a_file_is_shown_and_told_as_json(here):
    shown = _run("agreement", "votes.csv")
    assert shown.exit_code == 0, shown.output
    assert "Krippendorff's alpha, nominal" in shown.stdout
    told = json.loads(_run("agreement", "votes.csv", "--json").stdout)
    assert told["figures"]["pairwise agreement"]["value"] == 0.5
    assert [row["rater"] for row in told["raters"]] == ["ann", "bob"]


@pytest.mark.slow
def test_bad_input_is_one_line_and_exit_code_2(here):
    command = [sys.executable, "-c", "from cli.main import main; main()"]
    words = ["aggregate", "votes.csv", "--out", "labels.csv", "--prior", "joy=.5,angr=.5"]
    done = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert last == "undertone: prior names unknown class 'angr' (known: fear, joy)"
    assert not (here / "labels.csv").exists()

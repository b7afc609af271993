"""What commands answer: in 80 columns, in a pipe, and when things were wrong and are right."""

import csv
import io

import pytest

from cli import console
from tests.cli.conftest import N_CLIPS
from tests.made_voices import write_voice


def _widest(text):
    return max((len(line) for line in text.splitlines()), default=0)


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["config", "show"],
        ["lf", "list"],
        ["batch", "list"],
        ["batch", "show", "by-hand"],
        ["features"],
        ["quarantine", "list"],
        ["ingest", "{speech}"],
        pytest.param(["label"], marks=pytest.mark.slow),
        pytest.param(["train"], marks=pytest.mark.slow),
        pytest.param(["select", "--batch-size", "5"], marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_every_answer_fits_eighty_columns(terminal, home, speech, words):
    said = terminal(*(word.format(speech=speech) for word in words), home=home)
    assert (said.code, said.err) == (0, "")
    assert said.out.strip()
    assert _widest(said.out) <= 80


def test_in_a_pipe_a_row_is_a_line(terminal, home, monkeypatch):
    monkeypatch.setattr(console.out, "width", 10_000)
    said = terminal("batch", "show", "by-hand", home=home)
    rows = [line for line in said.out.splitlines() if "on a long line" in line]
    assert len(rows) == 4


def test_what_is_wrong_is_shown_once_and_again_until_it_is_right(terminal, home, tmp_path):
    folder = tmp_path / "more"
    write_voice(folder / "good.wav", 200, 0.5, seed=50)
    (folder / "bad.wav").write_text("no sound\n")
    said = terminal("ingest", folder, home=home)
    assert said.code == 0
    (line,) = said.err.splitlines()
    assert line.startswith(f"quarantined: {folder / 'bad.wav'} (folder more): is not audio")
    listed = terminal("quarantine", "list", home=home).out.splitlines()
    assert listed[0] == "Quarantine: 1 open"
    assert listed[1].startswith(line.removeprefix("quarantined: "))

    write_voice(folder / "bad.wav", 220, 0.5, seed=51)
    said = terminal("ingest", folder, home=home)
    assert said.err == ""
    assert "put right since last time" in said.out
    assert terminal("quarantine", "list", home=home).out == "Quarantine: 0 open\n"
    everything = terminal("quarantine", "list", "--all", home=home).out.splitlines()
    assert everything[0] == "Quarantine: 0 open, 1 put right"
    assert "[put right " in everything[1]


def test_more_wrong_things_than_fit_are_counted(terminal, home, tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    for i in range(30):
        (folder / f"{i}.wav").write_bytes(b"")
    said = terminal("ingest", folder, home=home)
    lines = said.err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 10 more: undertone quarantine list"


@pytest.mark.parametrize("name", ["new\nline.wav", "esc\x1b[31mred.wav", "[bold]x[red].wav"])
def test_a_file_name_is_shown_as_it_is_and_on_one_line(terminal, home, tmp_path, name):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / name).write_bytes(b"")
    said = terminal("ingest", folder, home=home)
    assert said.err.count("\n") == 1
    assert "\x1b" not in said.err
    shown = name.replace("\n", "\\n").replace("\x1b", "\\x1b")
    assert shown in said.err
    assert shown in terminal("quarantine", "list", home=home).out


def test_status_counts_segments_speakers_and_speech(terminal, home):
    lines = [line.split() for line in terminal("status", home=home).out.splitlines()]
    assert ["segments", str(N_CLIPS)] in lines
    assert ["speakers", "3"] in lines
    assert ["speech", "10.8", "s"] in lines


def test_labels_of_a_corpus_become_judgements_only_when_asked_for(terminal, home, speech):
    from config.opening import open_workspace
    from config.settings import Settings
    from rounds import snapshot

    workspace = open_workspace(Settings(home=home))
    assert snapshot.take(workspace).report["n_judgements"] == 0
    assert terminal("ingest", speech, "--as", "gold", home=home).code == 0
    assert snapshot.take(workspace).report["n_expert_judgements"] == N_CLIPS


def test_after_a_round_the_batches_of_former_ones_that_wait_are_named(home, capsys):
    from cli.commands.rounding import _say_what_is_open
    from config.opening import open_workspace
    from config.settings import Settings

    workspace = open_workspace(Settings(home=home))
    _say_what_is_open(workspace, "round-1")
    assert "still open from before: by-hand (0 of 4 judged)" in capsys.readouterr().err
    _say_what_is_open(workspace, "by-hand")
    assert capsys.readouterr().err == ""


def test_a_batch_goes_out_and_comes_back_through_files(terminal, home):
    said = terminal("batch", "export", "by-hand", home=home)
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert len(rows) == 4
    said = terminal("batch", "export", "by-hand", "--out", "b.jsonl", home=home)
    assert (said.out, said.err) == ("", "wrote b.jsonl\n")
    assert len((home / "b.jsonl").read_text().splitlines()) == 4

    for row in rows[:3]:
        row["emotion"] = "angre" if row is rows[0] else "anger"
    with (home / "back.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    said = terminal("batch", "import", "back.csv", "--annotator", "ada", home=home)
    assert said.code == 0
    assert said.err == "problem: back.csv line 2: unknown emotion 'angre' (did you mean anger?)\n"
    for row in rows:
        row["emotion"] = "anger"
    with (home / "back.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    said = terminal("batch", "import", "back.csv", "--annotator", "ada", home=home)
    assert "by-hand is complete: the next round can begin (undertone round)" in said.out
    assert "complete" in terminal("batch", "list", home=home).out


def test_votes_come_in_and_the_bad_ones_are_named(terminal, home):
    (home / "votes.csv").write_text("item,annotator,value\n00.wav,w,anger\n99.wav,w,anger\n")
    said = terminal("votes", "import", "votes.csv", home=home)
    assert said.code == 0
    assert said.err.startswith("passed over: votes.csv line 3: '99.wav' is no segment's id")


@pytest.mark.slow
def test_functions_of_ones_own_that_do_not_run_are_named_and_the_rest_votes(terminal, home):
    head = "from labeling_functions import cases, labeling_function\n"
    texts = {
        "raises": '@labeling_function(on="emotion")\ndef boom(table):\n    return table["no"]\n',
        "unknown": '@labeling_function(on="emotion")\ndef cross(table):\n'
        '    return cases(table, (table["duration_s"] > 0, "angre"))\n',
        "broken": "def f(:\n",
    }
    for name, text in texts.items():
        (home / "functions" / f"{name}.py").write_text(head + text)
    (home / "functions" / "gone.py").write_text("import not_a_module\n")
    said = terminal("label", "--out", "labels.csv", home=home)
    assert said.code == 0
    problems = [line for line in said.err.splitlines() if line.startswith("left out: ")]
    assert len(problems) == 4
    for words in ("'no'", "did you mean anger?", "broken.py", "not_a_module"):
        assert any(words in line for line in problems), words
    with (home / "labels.csv").open() as file:
        assert len(list(csv.DictReader(file))) == N_CLIPS


@pytest.mark.slow
def test_a_simulation_writes_its_curve(terminal, home, speech):
    words = ["--strategy", "random", "--seeds", "1", "--batch", "3", "--budget", "6"]
    said = terminal("simulate", speech, *words, "--out", "curve.csv", home=home)
    assert said.code == 0
    assert _widest(said.out) <= 80
    with (home / "curve.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["strategy", "seed", "n_labels", "uar", "macro_f1", "ece"]
    assert [row["n_labels"] for row in rows] == ["3", "6"]
    assert (home / "curve.html").is_file()


def test_a_workspace_is_made_once_and_never_overwritten(terminal, tmp_path):
    assert "wrote" in terminal("init", "mine").out
    (tmp_path / "mine" / "scheme.yaml").write_text("mine\n")
    said = terminal("init", "mine")
    assert "wrote" not in said.out
    assert (tmp_path / "mine" / "scheme.yaml").read_text() == "mine\n"
    (tmp_path / "file").write_text("")
    said = terminal("init", "file")
    assert said.code == 2
    assert "in the way" in said.err

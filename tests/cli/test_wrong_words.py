"""Wrong options, paths, names and settings: one line, exit code 2, nothing lost."""

import sqlite3
import subprocess
import sys

import pytest

from tests.cli.conftest import is_one_line

LINES = [
    (["ingst"], "No such command 'ingst'. Did you mean 'ingest'"),
    (["ingest"], "Missing argument"),
    (["ingest", "{speech}", "--corpos", "x"], "No such option: --corpos (Possible options: --corp"),
    (["ingest", "{speech}", "--as", "silver"], "'silver' is not valid; only `gold` is"),
    (["ingest", "nowhere"], "source nowhere does not exist"),
    (["ingest", "{speech}/00.wav.txt"], "did you mean 00.wav"),
    (["ingest", "foo://bar"], "unknown protocol 'foo' (known: file, http"),
    (["ingest", "http://127.0.0.1:9/m.csv"], "does not exist, or does not answer"),
    (["ingest", "http://me:hunter2@127.0.0.1:9/m.csv"], "source http://127.0.0.1:9/m.csv does not"),
    (["select", "--strategy", "entrpy"], "unknown strategy 'entrpy' (did you mean entropy?)"),
    (["select", "--batch-size", "0"], "greater than or equal to 1"),
    (["round", "--strategy", "entrpy"], "unknown strategy 'entrpy' (did you mean entropy?)"),
    (["simulate", "{speech}", "--strategy", "rand"], "unknown strategy 'rand'"),
    (["simulate", "nowhere", "--out", "x.csv"], "source nowhere does not exist"),
    (["simulate", "{speech}", "--out", "no/x.csv"], "no does not exist"),
    (["simulate", "{speech}", "--reliability", "2"], "--reliability"),
    (["batch", "show", "round-9"], "there is no batch 'round-9' (known: by-hand)"),
    (["batch", "export", "round-9"], "there is no batch 'round-9' (known: by-hand)"),
    (["batch", "export", "by-hand", "--format", "xml"], "unknown form 'xml' (known: csv, jsonl)"),
    (["batch", "export", "by-hand", "--out", "."], "--out . is a folder"),
    (["batch", "export", "by-hand", "--out", "no/x.csv"], "no does not exist"),
    (["batch", "import", "nowhere.csv"], "nowhere.csv: no such file"),
    (["batch", "simulate", "round-9"], "there is no batch 'round-9'"),
    (["votes", "import", "nowhere.csv"], "nowhere.csv: no such file"),
    (["votes", "import", "x.csv", "--dimension", "loudness"], "unknown dimension 'loudness'"),
    (["label", "--out", "labels.xyz"], "does not end in .csv or .parquet"),
    (["label", "--votes", "nowhere.csv"], "nowhere.csv: no such file"),
    (["report"], "no round is finished yet; `undertone round` runs one"),
    (["report", "--out", "page.pdf"], "does not end in .html"),
    (["--home", "nowhere", "status"], "the workspace folder nowhere does not exist"),
]


@pytest.fixture(scope="module")
def kept(filled, tmp_path_factory):
    """One copy for all commands that fail: none of them changes it."""
    import shutil

    return shutil.copytree(filled, tmp_path_factory.mktemp("kept") / "ws")


@pytest.mark.parametrize(("words", "line"), LINES, ids=lambda value: " ".join(value)[:40])
def test_a_wrong_word_is_one_line_that_says_what_is_right(terminal, kept, speech, words, line):
    said = terminal(*(word.format(speech=speech) for word in words), home=kept)
    assert said.code == 2
    assert is_one_line(said.err), said.err
    assert line in said.err
    assert "hunter2" not in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("database_url", "postgresql://me:hunter2@127.0.0.1:9/x", "me:***@127.0.0.1:9/x"),
        ("database_url", "mysql://me:hunter2@h/x", "valid: sqlite:///FILE, postgresql://"),
        ("database_url", "sqlite:////nowhere/deep/x.db", "folder /nowhere/deep"),
        ("data_dir", "/proc/nowhere", "data_dir /proc/nowhere cannot be made"),
        ("batch_size", "many", "UNDERTONE_BATCH_SIZE = 'many'"),
        ("batch_sise", "3", "did you mean UNDERTONE_BATCH_SIZE?"),
        ("scheme_path", "nowhere.yaml", "nowhere.yaml cannot be read: No such file"),
    ],
)
def test_a_wrong_setting_is_one_line_without_its_password(terminal, home, setting, value, line):
    said = terminal("status", home=home, **{setting: value})
    assert said.code == 2
    assert is_one_line(said.err), said.err
    assert line in said.err
    assert "hunter2" not in said.err


def test_a_wrong_strategy_in_the_settings_begins_no_round(terminal, home):
    said = terminal("round", home=home, strategy="entrpy")
    assert (said.code, "did you mean entropy?" in said.err) == (2, True)
    assert "No round is finished yet" in terminal("status", home=home).out


def test_without_speech_each_step_says_what_to_do_first(terminal, tmp_path):
    terminal("init")
    for command in ("round", "label", "train", "select"):
        said = terminal(command)
        assert said.code == 2
        assert is_one_line(said.err)
        assert "undertone ingest SOURCE" in said.err
    assert terminal("status").code == 0
    assert terminal("features").code == 0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("emotions: [", "is not YAML"),
        ("emotions: 3", "`emotions` is not a list"),
        ("emotions:\n  - name: a\n  - nam: b\n", "did you mean name?"),
        ("", "it is not a mapping"),
    ],
)
def test_a_scheme_with_errors_is_named_with_its_file(terminal, home, text, line):
    (home / "scheme.yaml").write_text(text)
    said = terminal("status", home=home)
    assert said.code == 2
    assert is_one_line(said.err)
    assert str(home / "scheme.yaml") in said.err
    assert line in said.err


def test_a_damaged_database_is_one_line_and_put_back_all_is_there(terminal, home, speech):
    file = home / ".undertone" / "undertone.db"
    good = file.read_bytes()
    file.write_bytes(b"no database" * 500)
    for words in (["status"], ["ingest", speech], ["batch", "list"]):
        said = terminal(*words, home=home)
        assert said.code == 2
        assert is_one_line(said.err)
        assert "put a copy back" in said.err
    file.write_bytes(good)
    assert "18" in terminal("status", home=home).out


def test_a_database_damaged_further_in_is_one_line_as_well(terminal, home):
    file = home / ".undertone" / "undertone.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE tbl_name = 'segment'"
        ).fetchall()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    damaged = bytearray(file.read_bytes())
    for (page,) in pages:
        damaged[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(damaged)
    said = terminal("status", home=home)
    assert said.code == 2
    assert is_one_line(said.err)
    assert "damaged" in said.err


def test_the_log_keeps_the_stack_and_no_password(terminal, home):
    terminal("ingest", "http://me:hunter2@127.0.0.1:9/m.csv", home=home)
    log = (home / ".undertone" / "undertone.log").read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "hunter2" not in log


@pytest.mark.slow
def test_a_real_process_ends_with_2_and_a_reader_that_goes_away_is_no_error(home, tmp_path):
    command = f"{sys.executable} -c 'from cli.main import main; main()'"
    repository = str(__import__("pathlib").Path(__file__).parents[2])
    environment = {"PYTHONPATH": repository, "UNDERTONE_HOME": str(home), "PATH": "/usr/bin:/bin"}

    def shell(line):
        return subprocess.run(
            ["/bin/bash", "-c", line],
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            check=False,
        )

    wrong = shell(f"{command} batch show round-9")
    assert wrong.returncode == 2
    assert is_one_line(wrong.stderr)
    piped = shell(f"{command} lf list | head -1")
    assert piped.stderr == ""
    ascii_only = shell(f"PYTHONIOENCODING=ascii {command} status")
    assert (ascii_only.returncode, ascii_only.stderr) == (0, "")

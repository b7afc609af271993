"""The bench from the terminal, on a pool of made-up features."""

import json
import sys

import pytest

from cli import console, main
from tests.rounds.made_pool import open_pool, write_function

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "undertone.toml").write_text(
        'data_dir = "."\ndatabase_url = "sqlite:///undertone.db"\n', encoding="utf-8"
    )
    workspace = open_pool(tmp_path)
    write_function(workspace, "loud", 0.5)
    return workspace


@pytest.fixture
def undertone(workspace, tmp_path, monkeypatch, capsys):
    """Runs a command: (exit code, standard output, standard error)."""

    def run(*words: str) -> tuple[int, str, str]:
        for one in (console.out, console.err):  # made on import, by whichever test came first
            monkeypatch.setattr(one, "_width", 80)
        monkeypatch.setenv("UNDERTONE_HOME", str(tmp_path))
        monkeypatch.setattr(sys, "argv", ["undertone", *words])
        with pytest.raises(SystemExit) as end:
            main.main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return run


def test_a_new_function_is_checked_at_once_in_eighty_columns(undertone):
    code, said, _ = undertone("lf", "new", "mine")
    assert code == 0
    assert "mine_test.py" in said
    code, said, wrong = undertone("lf", "check")
    assert (code, wrong) == (0, "")
    assert "loud_again" not in said
    assert max(len(line) for line in said.splitlines()) <= 80
    assert {"mine", "loud", "pressed_voice"} <= set(said.split())


def test_names_that_cannot_be_are_one_line(undertone):
    assert undertone("lf", "new", "loud")[0] == 2
    code, said, wrong = undertone("lf", "check", "lout")
    assert (code, said) == (2, "")
    assert wrong == "undertone: there is no labelling function 'lout' (did you mean loud?)\n"


def test_json_says_what_the_table_says_and_html_is_written(undertone, tmp_path):
    page = tmp_path / "check.html"
    code, said, _ = undertone("lf", "check", "loud", "--json", "--html", str(page))
    assert code == 0
    found = json.loads(said)
    (one,) = found["functions"]
    assert one["function"] == "loud"
    assert 0 < one["Emp. Acc."] <= 1
    assert found["accuracy_is_by"] == "expert gold of training speakers"
    assert len(found["to_hear"]) == 5
    assert "loud" in page.read_text(encoding="utf-8")


def test_reference_labels_are_named_and_never_mixed_with_gold(undertone):
    found = json.loads(undertone("lf", "check", "loud", "--reference", "--json")[1])
    assert found["accuracy_is_by"] == "reference labels of training speakers"
    assert found["functions"][0]["Emp. Acc."] is None


def test_an_edit_is_compared(undertone, workspace):
    undertone("lf", "check")
    write_function(workspace, "loud", 1.0)
    code, said, _ = undertone("lf", "compare", "loud")
    assert code == 0
    assert "anger → –" in said
    found = json.loads(undertone("lf", "compare", "loud", "--json")[1])
    assert found["votes"]["lost"] == len(found["changed"]) > 0


def test_a_segment_is_explained(undertone):
    code, said, _ = undertone("label", "explain", "0.wav")
    assert code == 0
    assert "emotion of g0" in said
    assert "loud" in said
    assert undertone("label", "explain", "no.wav")[0] == 2

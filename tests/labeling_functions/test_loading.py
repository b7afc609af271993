from pathlib import Path
from textwrap import dedent

import numpy as np
import pandas as pd
import pytest

from labeling_functions import apply, load
from labels.scheme import Scheme

GOOD = """
    from labeling_functions import cases, labeling_function

    THRESHOLD = 1.0

    @labeling_function(on="emotion")
    def mine(table):
        '''Mine.'''
        return cases(table, (table["x"] > THRESHOLD, "anger"))
"""


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(dedent(text), encoding="utf-8")
    return file


def own(loaded, folder: Path) -> dict:
    return {f.name: f for f in loaded.functions if f.file.startswith(str(folder))}


def test_a_file_dropped_in_a_folder_is_found_beside_the_shipped_ones(tmp_path):
    file = written(tmp_path, "mine.py", GOOD)
    shipped, loaded = load(), load([tmp_path])
    assert shipped.problems == loaded.problems == ()
    assert len(loaded.functions) == len(shipped.functions) + 1
    mine = own(loaded, tmp_path)["mine"]
    assert (mine.on, mine.doc, mine.file) == ("emotion", "Mine.", str(file))
    assert not list(tmp_path.glob("**/*.pyc"))


def test_an_edited_file_is_loaded_anew_under_another_version(tmp_path):
    table = pd.DataFrame({"x": [2.0]})
    versions, n_votes = [], []
    for text in (GOOD, GOOD.replace("1.0", "3.0"), GOOD):
        written(tmp_path, "mine.py", text)
        mine = own(load([tmp_path]), tmp_path)["mine"]
        versions.append(mine.version)
        n_votes.append(len(apply([mine], table, Scheme.default()).votes["emotion"].item))
    assert n_votes == [1, 0, 1]
    assert versions[0] == versions[2] != versions[1]


def test_broken_files_are_problems_of_one_line_and_the_others_load(tmp_path):
    written(tmp_path, "a_syntax.py", "def f(:\n")
    written(tmp_path, "b_import.py", "import no_such_module_at_all\n")
    written(tmp_path, "c_exit.py", "raise SystemExit(3)\n")
    written(tmp_path, "d_empty.py", "X = 1\n")
    (tmp_path / "e_latin.py").write_bytes(b"# \xff\xfe\n")
    written(tmp_path, "mine.py", GOOD)
    written(tmp_path, "_private.py", "raise RuntimeError\n")
    loaded = load([tmp_path])
    assert set(own(loaded, tmp_path)) == {"mine"}
    lines = [str(problem) for problem in loaded.problems]
    assert [Path(p.file).name for p in loaded.problems] == [
        "a_syntax.py", "b_import.py", "c_exit.py", "d_empty.py", "e_latin.py",
    ]  # fmt: skip
    assert "does not import: SyntaxError: invalid syntax (a_syntax.py, line 1)" in lines[0]
    assert "ModuleNotFoundError: No module named 'no_such_module_at_all'" in lines[1]
    assert "does not import: SystemExit: 3" in lines[2]
    assert "holds no labelling function" in lines[3]
    assert "UnicodeDecodeError" in lines[4]
    assert not any("\n" in line for line in lines)


def test_a_name_that_is_taken_is_a_problem_that_says_by_which_file(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        written(folder, "mine.py", GOOD)
    loaded = load([first, second])
    (problem,) = loaded.problems
    assert str(problem).startswith(f"{second / 'mine.py'}: the name 'mine' is taken by {first}")


def test_a_folder_named_twice_is_read_once_and_one_that_is_missing_is_a_problem(tmp_path):
    written(tmp_path, "mine.py", GOOD)
    loaded = load([tmp_path, tmp_path, tmp_path / "none"])
    assert [str(p) for p in loaded.problems] == [f"{tmp_path / 'none'}: is not a folder"]


def test_a_function_imported_from_elsewhere_is_not_taken_for_the_files_own(tmp_path, monkeypatch):
    library, folder = tmp_path / "library", tmp_path / "functions"
    library.mkdir()
    folder.mkdir()
    written(library, "borrowed_ideas.py", GOOD.replace("mine", "borrowed"))
    written(folder, "mine.py", "from borrowed_ideas import borrowed\n" + dedent(GOOD))
    monkeypatch.syspath_prepend(str(library))
    loaded = load([folder])
    assert loaded.problems == ()
    assert set(own(loaded, folder)) == {"mine"}


def test_two_functions_in_a_file_have_different_versions(tmp_path):
    written(tmp_path, "mine.py", dedent(GOOD) + dedent(GOOD).replace("def mine", "def other"))
    mine = own(load([tmp_path]), tmp_path)
    assert set(mine) == {"mine", "other"}
    assert mine["mine"].version != mine["other"].version


@pytest.mark.slow
def test_snorkels_own_labelling_functions_vote_row_by_row(tmp_path):
    written(
        tmp_path,
        "theirs.py",
        """
        from snorkel.labeling import labeling_function

        @labeling_function()
        def theirs(row):
            '''Theirs.'''
            return 2 if row.x > 1 else 0 if row.x < 0 else -1
        """,
    )
    loaded = load([tmp_path])
    assert loaded.problems == ()
    theirs = own(loaded, tmp_path)["theirs"]
    assert (theirs.on, theirs.doc) == ("emotion", "Theirs.")
    table = pd.DataFrame({"x": [2.0, 0.5, -1.0, np.nan], "who": list("abcd")})
    applied = apply([theirs], table, Scheme.default())
    assert applied.problems == []
    assert applied.votes["emotion"].to_dense()[:, 0].tolist() == [2, -1, 0, -1]

import subprocess
import sys

import pytest

from labeling_functions import load
from labeling_functions.machinery.skeletons import NewFunctionError, begin
from labels.scheme import Scheme

SCHEME = Scheme.default()
TWO = Scheme.parse("{name: two, emotions: [{name: calm}, {name: tense}]}", "a test")


@pytest.mark.slow
@pytest.mark.parametrize("on", ["emotion", "arousal"])
def test_a_new_function_loads_and_its_test_passes_and_is_passed_over(tmp_path, on):
    file, test = begin(tmp_path, "mine", on, SCHEME)
    loaded = load([tmp_path])
    assert loaded.problems == ()
    assert [(f.name, f.on) for f in loaded.functions if f.file == str(file)] == [("mine", on)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_example_fits_a_scheme_of_ones_own(tmp_path):
    file, _ = begin(tmp_path, "mine", "emotion", TWO)
    assert '"calm")' in file.read_text()


@pytest.mark.parametrize(
    ("name", "on", "said"),
    [
        ("9lives", "emotion", "is no name for a function"),
        ("class", "emotion", "is no name for a function"),
        ("../up", "emotion", "is no name for a function"),
        ("test_me", "emotion", "would be passed over"),
        ("_hidden", "emotion", "would be passed over"),
        ("me_test", "emotion", "would be passed over"),
        ("mine", "anger", "the scheme has no dimension 'anger'"),
    ],
)
def test_names_and_dimensions_that_cannot_be_are_refused(tmp_path, name, on, said):
    with pytest.raises(NewFunctionError, match=said):
        begin(tmp_path / "functions", name, on, SCHEME)
    assert not (tmp_path / "functions").exists()


def test_a_file_that_is_there_is_left_as_it_is(tmp_path):
    (tmp_path / "mine.py").write_text("X = 1\n")
    with pytest.raises(NewFunctionError, match="is there already"):
        begin(tmp_path, "mine", "emotion", SCHEME)
    assert (tmp_path / "mine.py").read_text() == "X = 1\n"

"""`undertone simulate`, as its user types it, on a small corpus of made-up voices."""

import csv

import pytest

from tests.cli.conftest import is_one_line
from tests.made_voices import write_voice

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    lines = ["path,speaker,emotion"]
    for i in range(36):
        emotion = ("anger", "sadness")[i % 2]
        pitch = 130 + 90 * (i % 2) + 5 * (i % 5)
        write_voice(folder / f"{i:02}.wav", pitch, 0.5, seed=i)
        lines.append(f"{i:02}.wav,s{i // 2 % 3},{emotion}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_it_writes_the_curve_its_summary_every_pair_and_a_page(terminal, corpus, tmp_path):
    told = terminal(
        "simulate", str(corpus), "--strategy", "default", "--strategy", "random",
        "--seeds", "2", "--batch", "4", "--budget", "50", "--out", str(tmp_path / "c.csv"),
    )  # fmt: skip
    assert told.code == 0, told.err
    with (tmp_path / "c.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["strategy", "seed", "n_labels", "uar", "macro_f1", "ece"]
    assert {(row["strategy"], row["seed"]) for row in rows} == {
        (name, seed) for name in ("default", "random") for seed in "01"
    }
    assert max(int(row["n_labels"]) for row in rows) == 24, "two of three speakers are the pool"
    for name in ("c-summary.csv", "c-pairs.csv", "c.html"):
        assert (tmp_path / name).stat().st_size > 100
    said = " ".join((told.out + told.err).split())
    assert "a budget of 50 is more than there is: pools have 24 clips" in said


def test_what_cannot_be_played_is_one_line(terminal, corpus):
    told = terminal("simulate", str(corpus), "--strategy", "entrpy")
    assert told.code != 0
    assert is_one_line(told.err)
    assert "unknown strategy 'entrpy' (did you mean entropy?)" in told.err

"""`undertone describe` as its user meets it."""

import pandas as pd
import pytest

from audio.vocabulary import FEATURE_NAMES
from tests.cli.conftest import is_one_line
from tests.made_voices import write_voice


@pytest.fixture
def clip(tmp_path):
    write_voice(tmp_path / "clip.wav", 150, 1.2)
    return tmp_path / "clip.wav"


@pytest.mark.slow
def test_a_clip_is_shown_with_every_feature_and_its_unit(terminal, clip):
    said = terminal("describe", clip)
    assert said.code == 0, said.err
    assert all(name in said.out for name in FEATURE_NAMES)
    assert "semitones re 27.5 Hz" in said.out


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_windows_go_into_a_file_and_what_cannot_be_read_is_named(terminal, clip, tmp_path, kind):
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    out = tmp_path / f"windows.{kind}"
    said = terminal("describe", clip, tmp_path / "broken.wav", "--per", "window", "--out", out)
    assert said.code == 1
    assert "left out: " in said.err and "broken.wav" in said.err
    table = pd.read_csv(out) if kind == "csv" else pd.read_parquet(out)
    assert table["start_s"].tolist() == pytest.approx([0.0, 0.2], abs=0.01)
    assert list(table.columns[4:]) == list(FEATURE_NAMES)
    assert sorted(p.name for p in tmp_path.glob(".*windows*")) == []


@pytest.mark.slow
def test_frames_are_shown_in_80_columns(terminal, clip):
    said = terminal("describe", clip, "--per", "frame")
    assert said.code == 0, said.err
    assert "40 of 121 rows" in said.err
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--per", "turn"], "'turn' is none of clip, window"),
        (["--per", "window", "--hop", "0"], "more than 0 are expected"),
        (["--out", "x.txt"], "does not end in .csv or .parquet"),
    ],
)
def test_wrong_words_are_one_line(terminal, clip, words, said):
    told = terminal("describe", clip, *words)
    assert told.code == 2
    assert is_one_line(told.err)
    assert said in told.err


def test_a_folder_without_sound_is_one_line(terminal, tmp_path):
    (tmp_path / "empty").mkdir()
    told = terminal("describe", tmp_path / "empty")
    assert told.code == 2
    assert is_one_line(told.err)

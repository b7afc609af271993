"""Files described whole and part by part."""

import numpy as np
import pytest

from audio.descriptors import DESCRIPTOR_NAMES
from audio.vocabulary import FEATURE_NAMES
from rounds.parts import Wanted, describe, files_in
from tests.made_voices import write_voice


@pytest.fixture
def folder(tmp_path):
    for i in range(3):
        write_voice(tmp_path / "wav" / f"{i}.wav", 120 + 30 * i, 1.5, seed=i)
    (tmp_path / "wav" / "broken.wav").write_bytes(b"RIFF")
    (tmp_path / "wav" / "notes.txt").write_text("no sound")
    return tmp_path / "wav"


@pytest.mark.parametrize(
    ("wanted", "n_rows", "names"),
    [
        (Wanted("clip"), 1, FEATURE_NAMES),
        (Wanted("window", window_s=0.5, hop_s=0.5), 3, FEATURE_NAMES),
        (Wanted("frame"), 151, DESCRIPTOR_NAMES),
    ],
)
def test_a_file_has_a_row_a_part(folder, wanted, n_rows, names):
    [one] = describe([folder / "1.wav"], wanted)
    assert len(one.table) == n_rows
    assert list(one.table.columns) == ["path", "start_s", "end_s", "label", *names]
    assert (one.table["path"] == str(folder / "1.wav")).all()
    column = "f0_semitone" if wanted.per == "frame" else "f0_semitone_p50"
    assert np.nanmedian(one.table[column]) == pytest.approx(12 * np.log2(150 / 27.5), abs=1.5)


def test_words_come_with_their_label_and_a_file_without_marks_is_named(tmp_path):
    write_voice(tmp_path / "wav" / "03a01Fa.wav", 150, 1.0)
    (tmp_path / "silb").mkdir()
    (tmp_path / "silb" / "03a01Fa.silb").write_text("0.1 der\n0.3 la\n0.5 pen\n0.8 .\n")
    [one] = describe([tmp_path / "wav" / "03a01Fa.wav"], Wanted("word"))
    assert one.table["label"].tolist() == ["Der", "Lappen"]
    assert one.table["start_s"].tolist() == [0.1, 0.3]
    [none] = describe([tmp_path / "wav" / "03a01Fa.wav"], Wanted("phone"))
    assert none.table is None
    assert "no phone marks" in none.reason


@pytest.mark.slow
def test_processes_give_the_same_in_the_same_order_and_name_what_is_broken(folder):
    files = files_in([folder])
    assert [f.name for f in files] == ["0.wav", "1.wav", "2.wav", "broken.wav"]
    here = list(describe(files, Wanted()))
    there = list(describe(files, Wanted(), n_workers=2))
    assert [one.path for one in there] == [str(path) for path in files]
    for a, b in zip(here[:3], there[:3], strict=True):
        assert a.table.equals(b.table)
    assert there[3].table is None
    assert there[3].reason

"""EMO-DB's time marks, made up in its own layout, and the real ones."""

import os
from pathlib import Path

import numpy as np
import pytest

from corpora.emodb_marks import (
    PHONE_CLASSES,
    MarksError,
    phone_class,
    phone_frames,
    phones,
    syllables,
    words,
)

LABLAUT = (
    "signal wochenAO\ntype 0\nseparator ;\nnfields 1\n#\n"
    "    0.080109   -1 _t\n    0.119160   -1 !t\t+asp\n    0.144370   -1 E6\n"
    "    0.200000   -1 \t+lar\n    0.244223   -1 l\n    0.300000   -1 a\t\t2\n    0.400000   -1 .\n"
)


@pytest.fixture
def recording(tmp_path) -> Path:
    for name in ("wav", "lablaut", "silb"):
        (tmp_path / name).mkdir()
    (tmp_path / "lablaut" / "03a01Faxx.lablaut").write_bytes(LABLAUT.encode("latin-1"))
    (tmp_path / "silb" / "03a01Fa.silb").write_text(
        "0.08\tder\n0.24    la\n0.30\tpen\n0.40\tliegt\n0.5\tauf\n0.6\tdem\n"
        "0.7\teis\n0.8\tschrank\n0.9\t.\n"
    )
    return tmp_path / "wav" / "03a01Fa.wav"


def test_phones_begin_at_their_mark_and_last_until_the_next(recording):
    found = [(one.label, one.start_s, one.end_s) for one in phones(recording)]
    assert found == [
        ("_t", 0.080109, 0.11916),
        ("!t", 0.11916, 0.14437),
        ("E6", 0.14437, 0.244223),
        ("l", 0.244223, 0.3),
        ("a", 0.3, 0.4),
    ]


def test_syllables_make_the_words_of_the_sentence(recording):
    assert [one.label for one in syllables(recording)][:3] == ["der", "la", "pen"]
    found = words(recording)
    assert [one.label for one in found] == ["Der", "Lappen", "liegt", "auf", "dem", "Eisschrank"]
    assert (found[1].start_s, found[1].end_s) == (0.24, 0.4)
    assert found[-1].end_s == 0.9


def test_frames_have_the_class_of_their_phone_and_silence_around(recording):
    frames = phone_frames(recording, 50)
    named = [PHONE_CLASSES[k] for k in frames]
    assert named[:9] == ["silence"] * 9
    assert named[10] == "closure"
    assert named[13] == "release"
    assert named[15:25] == ["vowel"] * 10
    assert named[26] == "approximant"
    assert named[40:] == ["silence"] * 10


@pytest.mark.parametrize(
    ("phone", "kind"),
    [
        ("aI", "vowel"), ("@", "vowel"), ("6", "vowel"), ("n", "nasal"), ("NN", "nasal"),
        ("!k", "release"), ("tasp", "release"), ("?", "closure"), ("_d", "closure"),
        ("C", "fricative"), ("4", "approximant"), ("(gef", "silence"),
    ],
)  # fmt: skip
def test_a_phone_is_made_in_one_way(phone, kind):
    assert phone_class(phone) == kind


def test_a_recording_without_marks_has_none(tmp_path):
    wav = tmp_path / "wav" / "03a01Fa.wav"
    assert phones(wav) == syllables(wav) == words(wav) == []
    assert phone_frames(wav, 10) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [("zero -1 a", "line 13: 'zero' is no time"), ("0.01 -1 a", "after the next")],
)
def test_marks_that_are_none_are_named(recording, line, said):
    path = recording.parent.parent / "lablaut" / "03a01Faxx.lablaut"
    path.write_text(LABLAUT + line + "\n", encoding="latin-1")
    with pytest.raises(MarksError, match=said):
        phones(recording)


@pytest.mark.slow
def test_real_vowels_are_voiced_and_loud_and_closures_are_neither():
    from audio.decoding import read
    from audio.descriptors import DESCRIPTOR_NAMES, describe

    default = Path(__file__).parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("UNDERTONE_TEST_DATA", default)) / "emodb" / "wav"
    if not folder.is_dir():
        pytest.skip("no EMO-DB here (UNDERTONE_TEST_DATA names the folder it lies in)")
    voiced, loud, kinds = [], [], []
    for wav in sorted(folder.glob("*.wav"))[::40]:
        frames = describe(read(wav)).values
        kinds.append(phone_frames(wav, len(frames)))
        voiced.append(frames[:, DESCRIPTOR_NAMES.index("is_voiced")])
        loud.append(frames[:, DESCRIPTOR_NAMES.index("loudness_db")])
        assert len(words(wav)) >= 6
    kind, is_voiced, loudness = map(np.concatenate, (kinds, voiced, loud))
    by_kind = {name: kind == k for k, name in enumerate(PHONE_CLASSES)}
    assert is_voiced[by_kind["vowel"]].mean() > 0.85
    assert is_voiced[by_kind["closure"]].mean() < 0.4
    level = {name: loudness[own].mean() for name, own in by_kind.items()}
    assert level["vowel"] > level["nasal"] > level["closure"] > level["silence"]

"""EMO-DB's time marks: phones (`lablaut/`) and syllables (`silb/`) beside the folder `wav`.

A line gives the time at which a phone or a syllable begins; it lasts until the next, the last
line (".") is the end. Both files are latin-1 and were made by hand.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.windows import Mark, frame_classes
from corpora.emodb import NAME, sentence_of

PHONE_CLASSES = (
    "silence", "vowel", "nasal", "approximant", "fricative", "closure", "release",
)  # fmt: skip
"""How a sound is made. A stop is two of them: the mouth closed, and its opening."""

_PHONE = re.compile(r"[^\s+\-\[]+")
_BARE_MODIFIERS = ("hoe", "2", "3")
_VOWELS = "aeiouyAEIOUY@69&82Q"
_CLASS_OF = {
    **dict.fromkeys(("m", "n", "N", "mm", "nn", "NN"), "nasal"),
    **dict.fromkeys(("l", "L", "j", "J", "4", "R", "V"), "approximant"),
    **dict.fromkeys(
        ("f", "v", "vv", "s", "ss", "z", "S", "Z", "C", "x", "X", "h", "H", "B", "D", "G"),
        "fricative",
    ),
    **dict.fromkeys(("p", "t", "k", "b", "d", "g", "?"), "closure"),
    **dict.fromkeys(("_p", "_t", "_k", "_b", "_d", "_g"), "closure"),
    **dict.fromkeys((".", "(", "(gef"), "silence"),
}


class MarksError(ValueError):
    """A file of time marks that is not one; the message is one line."""


def phone_class(phone: str) -> str:
    """Which of PHONE_CLASSES a phone of `lablaut/` is, without its modifiers ("+lar", "-sth").

    "t" is the closure, "!t" its release and "tasp" the breath behind it; a letter that is no
    consonant begins a vowel or a diphthong. Raises MarksError for what is none of them.
    """
    if phone in _CLASS_OF:
        return _CLASS_OF[phone]
    if phone.startswith("!") or phone[1:] in ("asp", "sap", "as"):
        return "release"
    if phone[:1] in _VOWELS and phone:
        return "vowel"
    raise MarksError(f"{phone!r} is no phone of EMO-DB's marks")


def phones(wav: Path) -> list[Mark]:
    """The phones of a recording of EMO-DB as they are written; [] where it has no marks.

    Raises MarksError where a time is none or they do not ascend.
    """
    path = wav.parent.parent / "lablaut" / f"{wav.stem}xx.lablaut"
    marks: list[tuple[float, str]] = []
    for at, said in _lines(path):
        # A line of modifiers alone ("+sth": without voice from here on) is the same phone still.
        first = _PHONE.match(said[0]) if said else None
        if first and first[0] not in _BARE_MODIFIERS:
            marks.append((at, first[0]))
    return _stretches(path, marks)


def phone_frames(wav: Path, n_frames: int) -> NDArray[np.int64] | None:
    """The phone class of each frame of a recording (n_frames,), as indices of PHONE_CLASSES.

    Before the first phone and after the last there is silence. None where it has no marks.
    Raises MarksError as `phones` does, and for a phone that is not known.
    """
    found = phones(wav)
    if not found:
        return None
    marks = [Mark(one.start_s, one.end_s, phone_class(one.label)) for one in found]
    return frame_classes(marks, PHONE_CLASSES, n_frames, elsewhere=PHONE_CLASSES.index("silence"))


def syllables(wav: Path) -> list[Mark]:
    """The syllables of a recording of EMO-DB as they are written; [] where it has no marks.

    Raises MarksError where a time is none or they do not ascend.
    """
    path = wav.parent.parent / "silb" / f"{wav.stem}.silb"
    return _stretches(path, [(at, said[0]) for at, said in _lines(path) if said])


def words(wav: Path) -> list[Mark]:
    """The words of a recording: its syllables, joined as its sentence has them; [] without marks.

    Syllables are written as they were spoken ("la pen", "im mer"): each goes to the word that
    most of its letters are found in. Raises MarksError as `syllables` does.
    """
    parts = [one for one in syllables(wav) if one.label != "."]
    named = NAME.fullmatch(wav.stem)
    sentence = sentence_of(named["sentence"]) if named else None
    if not parts or sentence is None:
        return []
    written = re.sub(r"[^\w\s]", "", sentence).split()
    letters = "".join(written).lower()
    word_of = [k for k, word in enumerate(written) for _ in word]
    spoken = "".join(one.label.lower() for one in parts)
    syllable_of = [k for k, one in enumerate(parts) for _ in one.label]
    votes = np.zeros((len(parts), len(written)))
    for block in SequenceMatcher(None, spoken, letters, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            votes[syllable_of[block.a + step], word_of[block.b + step]] += 1
    owner = np.maximum.accumulate(votes.argmax(axis=1) * (votes.max(axis=1) > 0))
    return [
        Mark(parts[own[0]].start_s, parts[own[-1]].end_s, written[word])
        for word in range(len(written))
        if len(own := np.flatnonzero(owner == word))
    ]


def _lines(path: Path) -> Iterator[tuple[float, list[str]]]:
    """Time and words of every line that has a time. [] where there is no such file."""
    if not path.is_file():
        return
    lines = list(enumerate(path.read_text(encoding="latin-1").splitlines(), 1))
    if path.suffix != ".silb":  # a header stands above the line "#"
        below = next((at for at, line in lines if line.strip() == "#"), len(lines))
        lines = lines[below:]
    for number, line in lines:
        said = line.split()
        if not said:
            continue
        try:
            at = float(said[0])
        except ValueError:
            raise MarksError(f"{path} line {number}: {said[0]!r} is no time in seconds") from None
        yield at, said[1:] if path.suffix == ".silb" else said[2:]


def _stretches(path: Path, marks: list[tuple[float, str]]) -> list[Mark]:
    found = []
    for (at, label), (end, _) in pairwise(marks):
        if end < at:
            raise MarksError(f"{path}: {label!r} begins at {at:g} s, after the next ({end:g} s)")
        if end > at:
            found.append(Mark(at, end, label))
    return found

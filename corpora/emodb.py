"""EMO-DB, the Berlin database of emotional speech (Burkhardt et al. 2005): German, acted.

A file name says all: speaker (2 digits), sentence (3), emotion (a German initial), take.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from corpora.entries import Entry, Metadata, Rejected
from corpora.folder import named_files
from corpora.places import Place
from labels.scheme import Scheme, SchemeError

NAME = re.compile(r"(?P<speaker>\d\d)(?P<sentence>[ab]\d\d)(?P<emotion>[WLEAFTN])(?P<take>[a-z]?)")

_SPEAKERS = {
    "03": ("male", 31.0), "08": ("female", 34.0), "09": ("female", 21.0), "10": ("male", 32.0),
    "11": ("male", 26.0), "12": ("male", 30.0), "13": ("female", 32.0), "14": ("female", 35.0),
    "15": ("male", 25.0), "16": ("female", 31.0),
}  # fmt: skip
_EMOTIONS = {
    "W": "anger", "L": "boredom", "E": "disgust", "A": "fear", "F": "happiness", "T": "sadness",
    "N": "neutral",
}  # fmt: skip
_SENTENCES = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}


def is_emodb(stems: list[str]) -> bool:
    """Whether the audio files of a folder are named the way EMO-DB names them, all but a few."""
    return bool(stems) and sum(bool(NAME.fullmatch(s)) for s in stems) >= 0.9 * len(stems)


def sentence_of(code: str) -> str | None:
    """What a sentence's code ("a01") stands for; None where the published table has none."""
    return _SENTENCES.get(code)


def read_emodb(
    place: Place, scheme: Scheme, corpus: str, notes: list[str]
) -> Iterator[Entry | Rejected]:
    """An entry for each recording, with its speaker, sentence and acted emotion.

    An emotion that the scheme does not know is left out, with one note on it. Speakers that the
    published table does not name have no gender and age.
    """
    unknown: set[str] = set()
    for name, item in named_files(place, corpus):
        named = NAME.fullmatch(PurePosixPath(name).stem)
        if isinstance(item, Rejected) or named is None:
            yield item
            continue
        gender, age = _SPEAKERS.get(named["speaker"], (None, None))
        yield Entry(
            uri=item.uri,
            path=item.path,
            metadata=Metadata(
                speaker=named["speaker"],
                gender=gender,
                age=age,
                language="de",
                style="acted",
                transcript=_SENTENCES.get(named["sentence"]),
            ),
            labels=known_emotion(_EMOTIONS[named["emotion"]], scheme, unknown, notes),
            where=item.where,
            corpus=corpus,
        )


def known_emotion(name: str, scheme: Scheme, unknown: set[str], notes: list[str]) -> dict[str, str]:
    """{"emotion": the scheme's name}, or {} and one note for an emotion that it does not have."""
    try:
        return {"emotion": scheme.resolve(name)}
    except SchemeError as error:
        if name not in unknown:
            unknown.add(name)
            notes.append(f"{error}: such recordings come in without a label")
        return {}

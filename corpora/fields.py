"""What the columns of a manifest may hold."""

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches

from corpora.entries import LEVELS, Metadata

_GENDERS = {
    "female": "female f w fem woman girl weiblich frau kobieta k żeńska femme féminin mujer",
    "male": "male m masc man boy männlich mann mężczyzna męska homme masculin hombre",
    "other": "other o x d divers diverse nonbinary non-binary nb enby inna inny",
}
_STYLES = {
    "acted": "acted act acting posed performed",
    "spontaneous": "spontaneous spont natural naturalistic induced elicited",
    "conversational": "conversational conversation dialogue dialog interview call",
}
_LANGUAGES = {
    "en": "english", "de": "german deutsch", "pl": "polish polski", "fr": "french français",
    "es": "spanish español", "it": "italian italiano", "nl": "dutch nederlands",
    "pt": "portuguese português", "ru": "russian", "zh": "chinese mandarin", "ja": "japanese",
    "tr": "turkish", "sv": "swedish", "fa": "persian farsi", "hi": "hindi", "ar": "arabic",
}  # fmt: skip
_UNKNOWN = frozenset({"unknown", "unk", "n/a", "na", "none", "null", "?", "-"})
_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")

MAX_AGE = 130
MAX_SECONDS = 7 * 24 * 3600


class FieldError(ValueError):
    """A value that a column cannot hold; the message is one line."""


def _by_word(words: Mapping[str, str]) -> dict[str, str]:
    return {word: name for name, several in words.items() for word in several.split()}


GENDERS = _by_word(_GENDERS)
STYLES = _by_word(_STYLES)
LANGUAGES = _by_word(_LANGUAGES)


def one_of(column: str, value: str | None, words: Mapping[str, str]) -> str | None:
    """The name that a word stands for, whatever its case; None for an unknown.

    Raises FieldError that names the valid ones.
    """
    if value is None or value.casefold() in _UNKNOWN:
        return None
    key = value.casefold()
    if key in words:
        return words[key]
    near = get_close_matches(key, words, n=1, cutoff=0.7)
    known = ", ".join(dict.fromkeys(words.values()))
    hint = f"did you mean {words[near[0]]}? " if near else ""
    raise FieldError(f"unknown {column} {value!r} ({hint}known: {known})")


def number(column: str, value: str | None, low: float, high: float) -> float | None:
    """The number, in [low, high]. Raises FieldError."""
    if value is None:
        return None
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not low <= found <= high or "_" in value:
        raise FieldError(f"{column} {value!r} is not a number from {low:g} to {high:g}")
    return found


def language(value: str | None) -> str | None:
    """A language tag in lower case ("de", "pt-br"), from a tag or an English or own name."""
    if value is None or value.casefold() in _UNKNOWN:
        return None
    tag = value.casefold().replace("_", "-")
    if tag in LANGUAGES:
        return LANGUAGES[tag]
    if not _TAG.fullmatch(tag):
        raise FieldError(f"language {value!r} is no language tag such as en, de or pt-BR")
    return tag


def level(value: str | None) -> str:
    """The level of a segment; an utterance where nothing is said. Raises FieldError."""
    return one_of("level", value, {name: name for name in LEVELS}) or "utterance"


def segment(start: str | None, end: str | None) -> tuple[float, float] | None:
    """(start_s, end_s), or None where neither is given. Raises FieldError."""
    start_s = number("start", start, 0, MAX_SECONDS)
    end_s = number("end", end, 0, MAX_SECONDS)
    if end_s is None:
        if start_s is not None:
            raise FieldError(f"start {start} has no end (give both, in seconds, or neither)")
        return None
    start_s = start_s or 0.0
    if end_s <= start_s:
        raise FieldError(f"end {end} is not after start {start or 0}")
    return start_s, end_s


def metadata(values: Mapping[str, str]) -> Metadata:
    """The metadata among a row's values. Raises FieldError."""
    plain = ("speaker", "dialect", "session", "turn", "consent", "transcript")
    return Metadata(
        gender=one_of("gender", values.get("gender"), GENDERS),
        age=number("age", values.get("age"), 0, MAX_AGE),
        language=language(values.get("language")),
        style=one_of("style", values.get("style"), STYLES),
        **{name: values.get(name) for name in plain},
    )

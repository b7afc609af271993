"""Which files are speech, by their names."""

from pathlib import PurePosixPath

AUDIO = frozenset(
    [
        ".wav",
        ".wave",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".aif",
        ".aiff",
        ".au",
        ".caf",
        ".w64",
        ".rf64",
    ]
)
"""Files that are read; everything in them is decoded by what it is, not by its name."""

FOREIGN_AUDIO = frozenset([".m4a", ".aac", ".mp4", ".wma", ".amr", ".3gp", ".webm", ".mka", ".ra"])
"""Speech that libsndfile does not decode: refused by name rather than passed over in silence."""

MANIFESTS = {".csv": ",", ".tsv": "\t", ".jsonl": None, ".ndjson": None}
"""Manifest formats and the delimiter that parts their fields."""


def extension(name: str) -> str:
    """The extension of a file name, in lower case, with its dot; "" where there is none."""
    return PurePosixPath(name).suffix.lower()


def foreign_reason(name: str) -> str:
    """Why a file in FOREIGN_AUDIO is refused, in one line."""
    return f"{extension(name)} is not decoded here: convert it to wav, flac, ogg, opus or mp3"

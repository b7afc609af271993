"""What names of files have in common: their pieces, and the stem."""

import posixpath


def pieces(name: str) -> list[str]:
    """The folders and the file of a path or address; empty ones and `.` say nothing."""
    return [piece for piece in name.split("/") if piece not in ("", ".")]


def stem(name: str) -> str:
    """A file's name without folders and last suffix: `speech/a.b.wav` -> `a.b`."""
    return posixpath.splitext(name.rpartition("/")[2])[0]

"""Tables people hand over: CSV, TSV or JSON Lines, read row by row with the line it stood on."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from corpora.entries import SourceError
from corpora.extensions import MANIFESTS, extension
from corpora.rows import Row, read_table


class TableError(ValueError):
    """A table that cannot be used at all; the message is one line."""


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a table: line, text by column (in lower case) without what is empty, or what is
    wrong with the row (another encoding, too many cells, no JSON).

    The form is told by the suffix; in CSV a semicolon parts as well. Raises TableError for a file
    that is not such a table.
    """
    if not path.exists():
        raise TableError(f"{path}: no such file")
    if extension(path.name) not in MANIFESTS:
        raise TableError(f"{path} does not end like a table ({', '.join(sorted(MANIFESTS))})")
    try:
        yield from read_table(path, str(path)).rows
    except SourceError as error:
        raise TableError(str(error)) from error


def column(row: Mapping[str, str], *names: str) -> str | None:
    """The first of these columns that the row has, or None."""
    return next((row[name] for name in names if name in row), None)

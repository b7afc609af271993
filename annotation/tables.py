"""Tables people hand over: CSV, TSV or JSON Lines, read row by row with the line it stood on."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

Row = dict[str, str]


class TableError(ValueError):
    """A table that cannot be used at all; the message is one line."""


def read_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """(line number, column -> text) of each row; empty cells are left out.

    The form is told by the suffix: .jsonl and .ndjson are JSON Lines, .tsv is tab-separated,
    everything else comma-separated. Raises TableError for a file that is not such a table.
    """
    if not path.is_file():
        raise TableError(f"{path}: no such file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() in {".jsonl", ".ndjson"}:
                yield from _json_lines(path, file)
            else:
                yield from _delimited(path, file)
    except UnicodeDecodeError as error:
        raise TableError(
            f"{path}: not UTF-8 (byte {error.object[error.start]:#04x} at {error.start}); "
            "save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise TableError(f"{path}: not a table of comma-separated values ({error})") from error


def column(row: Mapping[str, str], *names: str) -> str | None:
    """The first of these columns that the row has, or None."""
    return next((row[name] for name in names if name in row), None)


def _delimited(path: Path, lines: Iterator[str]) -> Iterator[tuple[int, Row]]:
    reader = csv.DictReader(lines, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    header = reader.fieldnames
    if not header:
        raise TableError(f"{path}: is empty; a first line with column names is needed")
    for cells in reader:
        row = {
            name.strip().lower(): text.strip()
            for name, text in cells.items()
            if isinstance(name, str) and isinstance(text, str) and text.strip()
        }
        if row:
            yield reader.line_num, row


def _json_lines(path: Path, lines: Iterator[str]) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise TableError(f"{path} line {number}: not JSON ({error.msg})") from error
        if not isinstance(record, dict):
            raise TableError(f"{path} line {number}: a JSON object is needed, not {line.strip()[:40]}")
        yield (
            number,
            {str(k).lower(): str(v).strip() for k, v in record.items() if v not in (None, "")},
        )

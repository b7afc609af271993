"""Whole columns of text from a big table at once, with the line each row stood on."""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from annotation.tables import TableError

_BLOCK_BYTES = 1 << 24


@dataclass(frozen=True)
class Problem:
    """A row that could not be used: the line it begins on, and why."""

    line: int
    reason: str


@dataclass
class TextColumns:
    """Columns (by lower-case name) of stripped text, empty where the cell was; all (n_rows,).

    `line` (n_rows,) is the line of the file each row begins on; blank rows are not there.
    """

    columns: dict[str, pa.Array]
    line: NDArray[np.int64]
    problems: list[Problem] = field(default_factory=list)

    def keep(self, rows: NDArray[np.bool_]) -> "TextColumns":
        """The rows chosen by a mask (n_rows,), with the same problems."""
        chosen = pa.array(rows)
        kept = {name: column.filter(chosen) for name, column in self.columns.items()}
        return TextColumns(kept, self.line[rows], self.problems)


def read_columns(path: Path) -> TextColumns:
    """A CSV, TSV or JSON Lines file as columns; a million rows in about a second.

    The form is told by the suffix (.tsv; .jsonl, .ndjson) and, for other names, by what the
    header is separated by: comma, tab or semicolon. Rows of a wrong width and lines that are no
    JSON object become problems. Raises TableError for a file that is not such a table at all.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise TableError(f"{path}: no such file") from error
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror})") from error
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TableError(
            f"{path}: not UTF-8 (byte {data[error.start]:#04x} at {error.start}); save it as UTF-8"
        ) from error
    if not text.strip():
        raise TableError(f"{path}: is empty; a first line with column names is needed")
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return _json_lines(text)
    del text
    return _delimited(path, data)


def _delimited(path: Path, data: bytes) -> TextColumns:
    n_before = len(data) - len(data.lstrip(b"\r\n"))
    n_blank = data[:n_before].count(b"\n")
    first = data[n_before:].split(b"\n", 1)[0].split(b"\r", 1)[0].decode("utf-8")
    separator = "\t" if path.suffix.lower() == ".tsv" else max(",\t;", key=first.count)
    names = [name.strip().lower() for name in next(csv.reader([first], delimiter=separator))]
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise TableError(f"{path}: column {sorted(twice)[0]!r} is there twice")
    keys = [f"{place}:{name}" for place, name in enumerate(names)]
    wrong: list[pyarrow.csv.InvalidRow] = []

    def pass_over(row: pyarrow.csv.InvalidRow) -> str:
        wrong.append(row)
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(data[n_before:] + b"\n"),
            read_options=pyarrow.csv.ReadOptions(
                column_names=keys, skip_rows=1, use_threads=False, block_size=_BLOCK_BYTES
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=separator,
                invalid_row_handler=pass_over,
                newlines_in_values=True,
                ignore_empty_lines=False,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise TableError(f"{path}: not a table ({' '.join(str(error).split())[:200]})") from error
    raw = {name: _whole(table[key]) for name, key in zip(names, keys, strict=True) if name}
    line, numbers = _lines(table, [row.number for row in wrong], n_blank)
    problems = [
        Problem(int(at), _width(row, len(names)))
        for row, at in zip(wrong, numbers, strict=True)
        if row.text.strip()
    ]
    found = TextColumns({name: _stripped(column) for name, column in raw.items()}, line, problems)
    return found.keep(_filled(found))


def _lines(
    table: pa.Table, wrong: list[int], n_blank: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """On which lines the rows stood, and those of a wrong width (given by their row numbers)."""
    numbers = np.arange(2, 2 + table.num_rows + len(wrong))
    is_wrong = np.isin(numbers, wrong)
    over = np.zeros(len(numbers), dtype=np.int64)
    for column in table.columns:
        over[~is_wrong] += pc.count_substring(_whole(column), "\n").to_numpy(zero_copy_only=False)
    line = numbers + n_blank + np.cumsum(over) - over
    return line[~is_wrong], line[is_wrong]


def _width(row: pyarrow.csv.InvalidRow, expected: int) -> str:
    n_lines = row.text.count("\n")
    quoted = f"; a quoted text runs over {n_lines:,} more lines" if n_lines else ""
    return f"has {row.actual_columns} fields where the header has {expected}{quoted}"


def _json_lines(text: str) -> TextColumns:
    rows: list[dict[str, str]] = []
    line: list[int] = []
    problems: list[Problem] = []
    for number, part in enumerate(text.split("\n"), start=1):
        if not part.strip():
            continue
        try:
            record = json.loads(part)
        except json.JSONDecodeError as error:
            problems.append(Problem(number, f"not JSON ({error.msg})"))
            continue
        if not isinstance(record, dict):
            problems.append(Problem(number, f"not a JSON object: {part.strip()[:40]}"))
            continue
        rows.append({str(name).strip().lower(): _text(cell) for name, cell in record.items()})
        line.append(number)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {
        name: _stripped(pa.array([row.get(name, "") for row in rows], pa.string()))
        for name in names
    }
    return TextColumns(columns, np.array(line, dtype=np.int64), problems)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)


def _stripped(column: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(column)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())


def _filled(found: TextColumns) -> NDArray[np.bool_]:
    """(n_rows,) whether any cell of the row holds anything."""
    filled = np.zeros(len(found.line), dtype=bool)
    for column in found.columns.values():
        filled |= pc.not_equal(column, "").to_numpy(zero_copy_only=False)
    return filled

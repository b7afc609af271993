"""The rows of a CSV, TSV or JSONL file, one at a time, each with its line and what is wrong."""

import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.entries import SourceError
from corpora.extensions import MANIFESTS, extension

_MAX_LINES_A_ROW = 50
"""A quoted field may hold line ends; a quote open for longer than this was never meant."""

_MAX_LINE_CHARACTERS = 1_000_000


@dataclass(frozen=True)
class Row:
    """Values by column, as text, without what is empty; or `problem`, why it has none.

    `line` is the first line of the row in its file, from 1.
    """

    line: int
    values: Mapping[str, str]
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """A file of rows. `columns` is None where each row names its own (JSONL)."""

    columns: tuple[str, ...] | None
    rows: Iterator[Row]


def read_table(path: Path, shown: str) -> Table:
    """Opens a table; rows are read as they are asked for, so its size does not matter.

    `shown` names it in errors. Raises SourceError when it is empty, not UTF-8 at all, or its
    header does not hold; what is wrong with one row is that row's problem.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise SourceError(f"{shown} cannot be read: {error.strerror}") from None
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head:
        raise SourceError(f"{shown} is UTF-16 or no text at all: save it as UTF-8")
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise SourceError(f"{shown} is empty")
    delimiter = MANIFESTS[extension(path.name)]
    lines = _lines(path)
    if delimiter is None:
        return Table(None, _json_rows(lines))
    return _delimited(lines, delimiter, shown)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    # surrogateescape keeps the bytes of a line in another encoding, so that only it is refused.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        number = 0
        while line := file.readline(_MAX_LINE_CHARACTERS):
            number += 1
            if line.strip():
                yield number, line


def _encoding_problem(text: str) -> str | None:
    for character in text:
        if "\udc80" <= character <= "\udcff":
            byte = ord(character) - 0xDC00
            return f"is not UTF-8 (byte 0x{byte:02x}, in Latin-1 {chr(byte)!r}): save it as UTF-8"
    return None


def _delimited(lines: Iterator[tuple[int, str]], delimiter: str, shown: str) -> Table:
    number, header = next(lines)
    if problem := _encoding_problem(header):
        raise SourceError(f"{shown} line {number}: {problem}")
    if delimiter == "," and header.count(",") < header.count(";"):
        delimiter = ";"
    try:
        columns = tuple(name.strip().lower() for name in _fields(header, delimiter))
    except csv.Error as error:
        raise SourceError(f"{shown} line {number}: {error}") from None
    twice = [name for name in columns if name and columns.count(name) > 1]
    if twice:
        raise SourceError(f"{shown} line {number}: the column {twice[0]!r} stands there twice")
    return Table(columns, _delimited_rows(lines, delimiter, columns))


def _delimited_rows(
    lines: Iterator[tuple[int, str]], delimiter: str, columns: tuple[str, ...]
) -> Iterator[Row]:
    ahead: deque[tuple[int, str]] = deque()
    while True:
        if ahead:
            number, text = ahead.popleft()
        elif (line := next(lines, None)) is not None:
            number, text = line
        else:
            return
        following = _until_quotes_close(text, ahead, lines)
        if following is None:
            yield Row(number, {}, "a quote is opened and never closed")
            continue
        whole = text + "".join(part for _, part in list(ahead)[:following])
        row = _delimited_row(number, whole, delimiter, columns)
        if row.problem is None or following == 0:
            # A row that went wrong over several lines gives the later ones back to be tried.
            for _ in range(following):
                ahead.popleft()
        if row.values or row.problem:
            yield row


def _until_quotes_close(
    text: str, ahead: deque[tuple[int, str]], lines: Iterator[tuple[int, str]]
) -> int | None:
    """How many of the lines ahead belong to this row; None when its quotes do not close."""
    n_quotes = text.count('"')
    for following in range(_MAX_LINES_A_ROW):
        if n_quotes % 2 == 0:
            return following
        if following == len(ahead):
            line = next(lines, None)
            if line is None:
                return None
            ahead.append(line)
        n_quotes += ahead[following][1].count('"')
    return None


def _fields(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter, strict=True), [])


def _delimited_row(number: int, text: str, delimiter: str, columns: tuple[str, ...]) -> Row:
    if problem := _encoding_problem(text):
        return Row(number, {}, problem)
    try:
        # Through splitlines, for a quoted field may hold line ends.
        fields = next(csv.reader(text.splitlines(True), delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return Row(number, {}, f"cannot be parted into fields: {error}")
    if not any(field.strip() for field in fields):
        return Row(number, {})
    if len(fields) != len(columns):
        return Row(number, {}, f"has {len(fields)} fields where the header has {len(columns)}")
    values = {name: field.strip() for name, field in zip(columns, fields, strict=True)}
    return Row(number, {name: value for name, value in values.items() if name and value})


def _json_rows(lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    for number, text in lines:
        try:
            yield Row(number, _json_values(text))
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, str(error))


def _json_values(text: str) -> dict[str, str]:
    if problem := _encoding_problem(text):
        raise ValueError(problem)
    try:
        raw = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} (character {error.pos + 1})") from None
    if not isinstance(raw, dict):
        raise ValueError('is no JSON object such as {"path": "a.wav"}')
    values = {name.strip().lower(): _scalar(name, value) for name, value in raw.items()}
    return {name: value for name, value in values.items() if value}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name.strip().lower() for name, _ in pairs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"the key {twice[0]!r} stands there twice")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no value: leave out what is not known")


def _scalar(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) and name.strip().lower() != "consent":
        raise ValueError(f"{name} {value!r} is neither text nor a number")
    if not isinstance(value, str | int | float):
        raise ValueError(f"{name} is neither text nor a number but {type(value).__name__}")
    return str(value).strip()

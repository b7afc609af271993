"""What a person sees in the terminal: one console, bars while work goes on, tables at the end.

On a terminal tables fit its width; in a pipe a row is a line, however long.
"""

import math
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from flows.listening import listen

_NUMBER = re.compile(r"–|-?[\d.,]+( (s|min|h)|%)?")
_NO_WIDTH = 10_000
_NEVER_CUT = 16  # a segment's id
_FIT = bool(os.environ.get("COLUMNS"))

out = Console(highlight=False, width=None if _FIT or sys.stdout.isatty() else _NO_WIDTH)
err = Console(
    stderr=True, highlight=False, width=None if _FIT or sys.stderr.isatty() else _NO_WIDTH
)


def say(text: str) -> None:
    """One line of the answer."""
    out.print(plain(text), markup=False, soft_wrap=True)


def sentence(text: str) -> None:
    """A sentence of the answer, which fits the width that tables fit."""
    out.print(plain(text), markup=False)


def remark(text: str) -> None:
    """One line beside the answer: what was left out, where something was written."""
    err.print(plain(text), markup=False, soft_wrap=True)


def remarks(lines: Sequence[str], more: str, most: int = 20) -> None:
    """The first `most` remarks, and how many `more` there are (`more` says where)."""
    for line in lines[:most]:
        remark(line)
    if len(lines) > most:
        remark(f"… and {len(lines) - most:,} more{more}")


def plain(text: str) -> str:
    """Text on one line: line ends, terminal codes and such are written out (`\\n`, `\\x1b`).

    File names may hold anything.
    """
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else char
        for char in text
    )


@contextmanager
def bars() -> Iterator[Any]:
    """Show a bar for each kind of work that reports progress inside the `with` block."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total or None)
            shown.update(tasks[what], completed=done, total=total or None)

        listen(tell)
        try:
            yield tell
        finally:
            listen(None)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table whose cells are plain text (never markup), numbers to the right."""
    rows = [list(row) for row in rows]
    shown = Table(
        title=escape(plain(title)),
        title_justify="left",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for j, name in enumerate(columns):
        numeric = bool(rows) and all(_NUMBER.fullmatch(cell(row[j])) for row in rows)
        longest = max((len(cell(row[j])) for row in rows), default=0)
        shown.add_column(
            escape(name),
            justify="right" if numeric else "left",
            overflow="fold",
            no_wrap=longest <= _NEVER_CUT,
        )
    for row in rows:
        shown.add_row(*(escape(cell(value)) for value in row))
    return shown


def cell(value: object) -> str:
    """A value as a person reads it: three decimals, thousands apart, a dash for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    return plain(str(value)) or "–"


def span(seconds: float) -> str:
    """How long something is, in the unit a person would choose."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:,.2f} h"

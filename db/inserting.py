"""Writing many rows, each once."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

AT_ONCE = 500
"""Rows or keys to a statement; SQLite allows 32,766 bound values."""


def parts(values: Sequence[Any], size: int = AT_ONCE) -> Iterator[Sequence[Any]]:
    """A long sequence in shorter ones."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def present(tx: Connection, column: sa.Column[str], keys: Sequence[str]) -> set[str]:
    """Which of these keys a column holds."""
    found: set[str] = set()
    for some in parts(keys):
        found.update(tx.scalars(sa.select(column).where(column.in_(some))))
    return found


def insert_new(tx: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; one whose key is there already (perhaps since a moment ago) is passed over."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    for some in parts(rows):
        tx.execute(dialect.insert(table).on_conflict_do_nothing(), list(some))


def upsert(
    tx: Connection, table: sa.Table, rows: Sequence[dict[str, Any]], change: Sequence[str]
) -> None:
    """Insert rows; where the primary key is there already, write the columns `change` over."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    statement = statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: statement.excluded[name] for name in change},
    )
    for some in parts(rows):
        tx.execute(statement, list(some))

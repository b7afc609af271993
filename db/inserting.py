"""Many rows in one statement, and many keys in one question: alike on both databases."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY

from db.column_types import Json, Text, can_be_kept

AT_ONCE = 10_000
"""Rows or keys to a statement."""

_FEW = 20


def parts(values: Sequence[Any], size: int = AT_ONCE) -> Iterator[Sequence[Any]]:
    """A long sequence in shorter ones."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def among(tx: Connection, column: sa.Column[Any], keys: Sequence[str]) -> sa.ColumnElement[bool]:
    """That a text column holds one of these keys, passed as a single bound value."""
    possible = [key for key in keys if can_be_kept(key)]
    if tx.dialect.name == "postgresql":
        return column == sa.any_(sa.bindparam(None, possible, type_=ARRAY(Text)))
    listed = sa.func.json_each(json.dumps(possible)).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def among_bound(dialect: str, column: sa.Column[Any], name: str) -> sa.ColumnElement[bool]:
    """The same for a statement that is built once: the keys are bound as `bound_keys` of `name`."""
    if dialect == "postgresql":
        return column == sa.any_(sa.bindparam(name, type_=ARRAY(Text)))
    listed = sa.func.json_each(sa.bindparam(name, type_=sa.Text)).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def bound_keys(tx: Connection, keys: Sequence[str]) -> Any:
    """What to bind for `among_bound`."""
    possible = [key for key in keys if can_be_kept(key)]
    return possible if tx.dialect.name == "postgresql" else json.dumps(possible)


def present(tx: Connection, column: sa.Column[str], keys: Sequence[str]) -> set[str]:
    """Which of these keys a column holds."""
    found: set[str] = set()
    for some in parts(keys):
        found.update(tx.scalars(sa.select(column).where(among(tx, column, some))))
    return found


def insert(tx: Connection, table: sa.Table) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the words of the transaction's database."""
    if tx.dialect.name == "postgresql":
        worded: Any = postgresql.insert(table)  # the same methods by the same names
        return worded  # type: ignore[no-any-return]
    return sqlite.insert(table)


def insert_new(
    tx: Connection,
    table: sa.Table,
    rows: Sequence[dict[str, Any]],
    returning: Sequence[sa.Column[Any]] = (),
) -> list[sa.Row[Any]]:
    """Insert rows; one whose key is there already (perhaps since a moment ago) is passed over.

    Returns the columns `returning` (default: the primary key) of the rows that went in.
    """
    columns = tuple(returning) or tuple(table.primary_key.columns)
    if 0 < len(rows) <= _FEW:
        return list(tx.execute(_if_new(tx.dialect.name, table, columns), list(rows)).all())
    return _insert(tx, table, rows, lambda said: said.on_conflict_do_nothing(), columns)


@cache
def _if_new(
    dialect: str, table: sa.Table, returning: tuple[sa.Column[Any], ...]
) -> sa.sql.dml.ReturningInsert[Any]:
    """The statement for a few rows: building it takes longer than running it."""
    worded: Any = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    statement: sa.sql.dml.ReturningInsert[Any] = worded.on_conflict_do_nothing().returning(
        *returning
    )
    return statement


def upsert(
    tx: Connection,
    table: sa.Table,
    rows: Sequence[dict[str, Any]],
    change: Sequence[str],
    *,
    fill: bool = False,
) -> None:
    """Insert rows; where the primary key is there already, write the columns `change` over.

    With `fill` only where they are not known yet. Of several rows with one key the last counts.
    """
    keys = list(table.primary_key.columns)
    unique = {tuple(row[key.name] for key in keys): row for row in rows}

    def changing(statement: sqlite.Insert) -> sqlite.Insert:
        given: dict[str, Any] = {name: statement.excluded[name] for name in change}
        if fill:
            given = {name: sa.func.coalesce(table.c[name], new) for name, new in given.items()}
        return statement.on_conflict_do_update(index_elements=keys, set_=given)

    _insert(tx, table, list(unique.values()), changing, keys)


_Clause = Callable[[sqlite.Insert], sqlite.Insert]


def _insert(
    tx: Connection,
    table: sa.Table,
    rows: Sequence[dict[str, Any]],
    on_conflict: _Clause,
    returning: Sequence[sa.Column[Any]],
) -> list[sa.Row[Any]]:
    has_json = any(isinstance(column.type, Json) for column in table.columns)
    in_columns = tx.dialect.name == "postgresql" and len(rows) > _FEW and not has_json
    done: list[sa.Row[Any]] = []
    for some in parts(rows):
        # RETURNING also makes SQLAlchemy send many rows to a statement rather than one.
        plain = insert(tx, table)
        filled = plain.from_select(*_columnwise(table, some)) if in_columns else plain
        statement = on_conflict(filled).returning(*returning)
        done += tx.execute(statement, None if in_columns else list(some)).all()
    return done


def _columnwise(
    table: sa.Table, rows: Sequence[dict[str, Any]]
) -> tuple[list[str], sa.Select[Any]]:
    """Rows as arrays, one a column, in their order: psycopg is slow with very many values."""
    names = list(rows[0])
    arrays = [
        sa.bindparam(None, [row[name] for row in rows], type_=ARRAY(table.c[name].type))
        for name in names
    ]
    columns = [sa.column(name, table.c[name].type) for name in names]
    given = sa.func.unnest(*arrays).table_valued(*columns, with_ordinality="nth").render_derived()
    return names, sa.select(*(given.c[name] for name in names)).order_by(given.c.nth)

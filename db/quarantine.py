"""What could not be used, and why; until it is put right."""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.column_types import keepable
from db.inserting import among, insert, parts
from db.records import Quarantined
from db.schema import quarantine as table


def quarantine(
    tx: Connection, uri: str, where: str | None, reason: str, *, corpus: str | None = None
) -> None:
    """Note that something cannot be used; seen again, its open entry is brought up to date.

    A name that is no valid text is kept with what is wrong in it written out (`\\udc80`).
    """
    now = datetime.now(UTC)
    row = {
        "uri": keepable(uri),
        "place": keepable(where or ""),
        "corpus": corpus,
        "reason": keepable(reason),
        "first_seen": now,
        "last_seen": now,
    }
    statement = insert(tx, table).on_conflict_do_update(
        index_elements=[table.c.uri, table.c.place],
        index_where=table.c.resolved_at.is_(None),
        set_={"reason": row["reason"], "last_seen": now},
    )
    tx.execute(statement, [row])


def resolve(tx: Connection, entries: Iterable[tuple[str, str]]) -> int:
    """These, by (uri, where), are right now; returns how many open entries that closes."""
    wanted = {(keepable(uri), keepable(where)) for uri, where in entries}
    c = table.c
    ids: list[int] = []
    for some in parts(sorted({uri for uri, _ in wanted})):
        query = sa.select(c.id, c.uri, c.place)
        for row in tx.execute(query.where(c.resolved_at.is_(None), among(tx, c.uri, some))):
            if (row.uri, row.place) in wanted:
                ids.append(row.id)
    closing = sa.update(table).values(resolved_at=datetime.now(UTC))
    for numbers in parts(ids, 500):
        tx.execute(closing.where(c.id.in_(numbers)))
    return len(ids)


def list_entries(tx: Connection, *, include_resolved: bool = False) -> list[Quarantined]:
    """Entries in the order they were first seen; only open ones unless asked."""
    c = table.c
    query = sa.select(
        c.uri, c.place, c.reason, c.first_seen, c.last_seen, c.resolved_at, c.corpus
    ).order_by(c.id)
    if not include_resolved:
        query = query.where(c.resolved_at.is_(None))
    return [Quarantined(*row) for row in tx.execute(query)]

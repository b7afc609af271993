"""What could not be used, and why; until it is put right."""

from collections.abc import Sequence
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


def resolve(tx: Connection, uris: Sequence[str]) -> int:
    """These came in after all; returns how many open entries that closes."""
    now = datetime.now(UTC)
    names = list(dict.fromkeys(keepable(uri) for uri in uris))
    n_closed = 0
    for some in parts(names):
        open_ones = (table.c.resolved_at.is_(None), among(tx, table.c.uri, some))
        n_closed += tx.execute(sa.update(table).where(*open_ones).values(resolved_at=now)).rowcount
    return n_closed


def list_entries(tx: Connection, *, include_resolved: bool = False) -> list[Quarantined]:
    """Entries in the order they were first seen; only open ones unless asked."""
    c = table.c
    query = sa.select(
        c.uri, c.place, c.reason, c.first_seen, c.last_seen, c.resolved_at, c.corpus
    ).order_by(c.id)
    if not include_resolved:
        query = query.where(c.resolved_at.is_(None))
    return [Quarantined(*row) for row in tx.execute(query)]

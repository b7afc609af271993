"""What could not be used, and why; until it is put right."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import parts
from db.records import Quarantined
from db.schema import quarantine as table


def quarantine(tx: Connection, uri: str, where: str, reason: str) -> None:
    """Note that something cannot be used; seen again, its entry is brought up to date."""
    now = datetime.now(UTC)
    where = where or ""
    open_one = (table.c.uri == uri, table.c.place == where, table.c.resolved_at.is_(None))
    updated = tx.execute(sa.update(table).where(*open_one).values(reason=reason, last_seen=now))
    if not updated.rowcount:
        tx.execute(
            sa.insert(table).values(
                uri=uri, place=where, reason=reason, first_seen=now, last_seen=now
            )
        )


def resolve(tx: Connection, uris: Sequence[str]) -> int:
    """These came in after all; returns how many open entries that closes."""
    now = datetime.now(UTC)
    n_closed = 0
    for some in parts(list(dict.fromkeys(uris))):
        open_ones = (table.c.uri.in_(some), table.c.resolved_at.is_(None))
        n_closed += tx.execute(sa.update(table).where(*open_ones).values(resolved_at=now)).rowcount
    return n_closed


def list_entries(tx: Connection, *, include_resolved: bool = False) -> list[Quarantined]:
    """Entries in the order they were first seen; only open ones unless asked."""
    query = sa.select(table).order_by(table.c.id)
    if not include_resolved:
        query = query.where(table.c.resolved_at.is_(None))
    return [
        Quarantined(r.uri, r.place, r.reason, r.first_seen, r.last_seen, r.resolved_at)
        for r in tx.execute(query)
    ]

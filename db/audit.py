"""The audit trail: who did what, when. Only ever added to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.records import AuditEntry
from db.schema import audit

_INSERT = sa.insert(audit)


def note(
    tx: Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry."""
    row = {"actor": actor, "action": action, "subject": subject, "detail": dict(detail or {})}
    tx.execute(_INSERT, {"at": datetime.now(UTC), **row})


def entries(tx: Connection) -> list[AuditEntry]:
    """All entries, oldest first."""
    columns = [audit.c[name] for name in AuditEntry.__dataclass_fields__]
    return [AuditEntry(**r._mapping) for r in tx.execute(sa.select(*columns).order_by(audit.c.id))]


def page(
    tx: Connection, *, limit: int, before: int | None = None, actor: str | None = None
) -> list[tuple[int, AuditEntry]]:
    """Up to `limit` entries (number, entry), the newest first, numbered below `before`."""
    columns = [audit.c[name] for name in AuditEntry.__dataclass_fields__]
    query = sa.select(audit.c.id, *columns).order_by(audit.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.id < before)
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    return [
        (row.id, AuditEntry(**{c.name: row._mapping[c.name] for c in columns}))
        for row in tx.execute(query)
    ]

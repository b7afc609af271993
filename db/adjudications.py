"""Decisions on disputed segments. Only ever added to: a later one stands beside the earlier."""

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Adjudication
from db.inserting import insert_new
from db.schema import adjudication

_COLUMNS = [adjudication.c[name] for name in Adjudication.__dataclass_fields__]


def add(tx: Connection, one: Adjudication) -> bool:
    """Store a decision; False where its id is there already."""
    return bool(insert_new(tx, adjudication, [vars(one)]))


def list_decisions(
    tx: Connection, *, batch_id: str | None = None, segment_id: str | None = None
) -> list[Adjudication]:
    """Decisions (of a batch, on a segment), oldest first."""
    query = sa.select(*_COLUMNS).order_by(adjudication.c.decided_at, adjudication.c.id)
    if batch_id is not None:
        query = query.where(adjudication.c.batch_id == batch_id)
    if segment_id is not None:
        query = query.where(adjudication.c.segment_id == segment_id)
    return [Adjudication(**row._mapping) for row in tx.execute(query)]

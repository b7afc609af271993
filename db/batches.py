"""Batches: segments sent out together, and how far they are judged."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new
from db.records import Batch, BatchItem, BatchProgress
from db.schema import batch, batch_item, judgement

OPEN, COMPLETE = "open", "complete"
EXPERTS = ("expert", "adjudicator")


def publish_batch(
    tx: Connection,
    identity: str,
    items: Sequence[BatchItem],
    *,
    round_number: int | None = None,
    overlap: int = 1,
) -> None:
    """Make a batch visible; published again under its id, nothing changes."""
    row = {
        "id": identity,
        "round_number": round_number,
        "state": OPEN if items else COMPLETE,
        "n_items": len(items),
        "overlap": overlap,
        "created_at": datetime.now(UTC),
    }
    insert_new(tx, batch, [row])
    insert_new(tx, batch_item, [asdict(item) for item in items])


def get(tx: Connection, identity: str) -> Batch:
    """A batch by id. Raises ValueError, with the known ones, where there is none."""
    row = tx.execute(sa.select(batch).where(batch.c.id == identity)).one_or_none()
    if row is None:
        known = ", ".join(tx.scalars(sa.select(batch.c.id).order_by(batch.c.created_at)))
        raise ValueError(f"there is no batch {identity!r} (known: {known or 'none yet'})")
    return Batch(**row._mapping)


def list_batches(tx: Connection) -> list[Batch]:
    """All batches, oldest first."""
    rows = tx.execute(sa.select(batch).order_by(batch.c.created_at, batch.c.id))
    return [Batch(**row._mapping) for row in rows]


def items(tx: Connection, identity: str) -> list[BatchItem]:
    """A batch's segments, by rank. Raises ValueError where there is no such batch."""
    get(tx, identity)
    query = sa.select(batch_item).where(batch_item.c.batch_id == identity)
    return [BatchItem(**row._mapping) for row in tx.execute(query.order_by(batch_item.c.rank))]


def waiting_segments(tx: Connection) -> list[str]:
    """Segments of open batches: somebody is to judge them already."""
    query = (
        sa.select(batch_item.c.segment_id)
        .join_from(batch_item, batch, batch_item.c.batch_id == batch.c.id)
        .where(batch.c.state == OPEN)
    )
    return sorted(tx.scalars(query))


def judged_segments(tx: Connection, identity: str) -> set[str]:
    """Segments of a batch that as many experts have judged as the batch asks for.

    A judgement counts for a segment whichever batch it was made in.
    """
    query = (
        sa.select(batch_item.c.segment_id)
        .join_from(batch_item, batch, batch_item.c.batch_id == batch.c.id)
        .join(judgement, judgement.c.segment_id == batch_item.c.segment_id)
        .where(batch_item.c.batch_id == identity, judgement.c.role.in_(EXPERTS))
        .group_by(batch_item.c.segment_id, batch.c.overlap)
        .having(sa.func.count(judgement.c.annotator.distinct()) >= batch.c.overlap)
    )
    return set(tx.scalars(query))


def progress(tx: Connection, identity: str) -> BatchProgress:
    """How far a batch is. Raises ValueError where there is no such batch."""
    n_judgements = tx.scalar(
        sa.select(sa.func.count(judgement.c.id)).where(judgement.c.batch_id == identity)
    )
    return BatchProgress(
        n_items=get(tx, identity).n_items,
        n_judged=len(judged_segments(tx, identity)),
        n_judgements=n_judgements or 0,
    )


def refresh_batch(tx: Connection, identity: str) -> bool:
    """Close a batch whose segments are all judged; whether that happened just now."""
    found = get(tx, identity)
    if found.state != OPEN or len(judged_segments(tx, identity)) < found.n_items:
        return False
    still_open = (batch.c.id == identity, batch.c.state == OPEN)
    done = {"state": COMPLETE, "completed_at": datetime.now(UTC)}
    return bool(tx.execute(sa.update(batch).where(*still_open).values(**done)).rowcount)

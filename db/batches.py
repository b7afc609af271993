"""Batches: segments sent out together, and how far they are judged."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy import Connection

from db.errors import RecordError
from db.inserting import insert_new
from db.records import Batch, BatchItem, BatchProgress
from db.schema import batch, batch_item, judgement
from db.standing import standing

OPEN, COMPLETE, CLOSED = "open", "complete", "closed"
EXPERTS = ("expert", "adjudicator")

_GET = sa.select(batch).where(batch.c.id == sa.bindparam("identity"))


def publish_batch(
    tx: Connection,
    identity: str,
    items: Sequence[BatchItem],
    *,
    round_number: int | None = None,
    overlap: int = 1,
) -> None:
    """Make a batch visible; published again under its id, nothing changes.

    `overlap` is how many different experts are asked to judge each segment. An empty batch is
    complete at once. Raises RecordError when the id was published with other segments, or an
    item is another batch's.
    """
    stray = next((item for item in items if item.batch_id != identity), None)
    if stray is not None:
        raise RecordError(f"an item of batch {stray.batch_id!r} cannot go out in {identity!r}")
    now = datetime.now(UTC)
    row = {
        "id": identity,
        "round_number": round_number,
        "state": OPEN if items else COMPLETE,
        "n_items": len({item.segment_id for item in items}),
        "overlap": overlap,
        "created_at": now,
        "completed_at": None if items else now,
    }
    if insert_new(tx, batch, [row]):
        insert_new(tx, batch_item, [vars(item) for item in items])
        return
    out = {item.segment_id for item in _items(tx, identity)}
    if out != {item.segment_id for item in items}:
        raise RecordError(f"batch {identity!r} was published before with other segments")


def get(tx: Connection, identity: str) -> Batch:
    """A batch by id. Raises RecordError, with the known ones, where there is none."""
    row = tx.execute(_GET, {"identity": identity}).one_or_none()
    if row is None:
        known = ", ".join(one.id for one in list_batches(tx)[-10:])
        raise RecordError(f"there is no batch {identity!r} (known: {known or 'none yet'})")
    return Batch(**row._mapping)


def list_batches(tx: Connection, *, state: str | None = None) -> list[Batch]:
    """All batches (of a state), oldest first."""
    query = sa.select(batch).order_by(batch.c.created_at, batch.c.id)
    if state is not None:
        query = query.where(batch.c.state == state)
    return [Batch(**row._mapping) for row in tx.execute(query)]


def items(tx: Connection, identity: str) -> list[BatchItem]:
    """A batch's segments, by rank. Raises RecordError where there is no such batch."""
    get(tx, identity)
    return _items(tx, identity)


def segment_ids(tx: Connection, identity: str) -> list[str]:
    """A batch's segments, and nothing else about them; none where there is no such batch."""
    mine = batch_item.c.batch_id == identity
    return list(tx.scalars(sa.select(batch_item.c.segment_id).where(mine)))


def extras(tx: Connection, identity: str) -> list[tuple[str, int]]:
    """A batch's segments by rank, each with how many judgements beyond the overlap it wants."""
    query = sa.select(batch_item.c.segment_id, batch_item.c.n_extra)
    query = query.where(batch_item.c.batch_id == identity).order_by(batch_item.c.rank)
    return [(segment_id, n) for segment_id, n in tx.execute(query).all()]


def waiting_segments(tx: Connection) -> list[str]:
    """Segments of open batches: somebody is to judge them already."""
    query = (
        sa.select(batch_item.c.segment_id)
        .join_from(batch_item, batch, batch_item.c.batch_id == batch.c.id)
        .where(batch.c.state == OPEN)
        .distinct()
    )
    return sorted(tx.scalars(query))


def judged_segments(tx: Connection, identity: str) -> set[str]:
    """Segments of a batch that as many experts have judged as the batch asks for.

    A judgement counts for a segment whichever batch it was made in.
    """
    query = (
        _experts_said(identity)
        .with_only_columns(batch_item.c.segment_id)
        .group_by(batch_item.c.segment_id, batch.c.overlap, batch_item.c.n_extra)
        .having(sa.func.count(judgement.c.annotator.distinct()) >= _wanted())
    )
    return set(tx.scalars(query))


def judges(tx: Connection, identity: str) -> dict[str, set[str]]:
    """Segment of a batch -> the experts who have judged it, in whichever batch; those that
    nobody judged are left out."""
    query = _experts_said(identity).with_only_columns(
        batch_item.c.segment_id, judgement.c.annotator
    )
    found: dict[str, set[str]] = {}
    for segment_id, annotator in tx.execute(query.distinct()).all():
        found.setdefault(segment_id, set()).add(annotator)
    return found


def progress(tx: Connection, identity: str) -> BatchProgress:
    """How far a batch is. Raises RecordError where there is no such batch."""
    counted = _experts_said(identity).with_only_columns(sa.func.count())
    return BatchProgress(
        n_items=get(tx, identity).n_items,
        n_judged=len(judged_segments(tx, identity)),
        n_judgements=tx.scalars(counted).one(),
    )


def refresh_batch(tx: Connection, identity: str) -> bool:
    """Complete a batch whose segments are all judged; whether that happened just now.

    To be called in the transaction that stored judgements: of two that store the last ones at
    the same moment, one finds the batch complete. Raises RecordError where there is no such batch.
    """
    tx.execute(sa.select(batch.c.id).where(batch.c.id == identity).with_for_update())
    if get(tx, identity).state != OPEN or not is_judged(tx, identity):
        return False
    done = {"state": COMPLETE, "completed_at": datetime.now(UTC)}
    tx.execute(sa.update(batch).where(batch.c.id == identity).values(**done))
    return True


def is_judged(tx: Connection, identity: str) -> bool:
    """Whether each segment of a batch has the judgements asked for; stops at the first without."""
    return tx.scalar(_unjudged(), {"identity": identity}) is None


@cache
def _unjudged() -> sa.Select[tuple[str]]:
    """A segment of a batch that is not judged as often as asked for."""
    n_said = (
        sa.select(sa.func.count(judgement.c.annotator.distinct()))
        .where(
            judgement.c.segment_id == batch_item.c.segment_id,
            judgement.c.role.in_(EXPERTS),
            standing(),
        )
        .correlate(batch_item)
        .scalar_subquery()
    )
    return (
        sa.select(batch_item.c.segment_id)
        .join_from(batch_item, batch, batch_item.c.batch_id == batch.c.id)
        .where(batch_item.c.batch_id == sa.bindparam("identity"), n_said < _wanted())
        .limit(1)
    )


def reopen_batch(tx: Connection, identity: str) -> bool:
    """Open a complete batch that is not fully judged any more; whether that happened just now."""
    tx.execute(sa.select(batch.c.id).where(batch.c.id == identity).with_for_update())
    if get(tx, identity).state != COMPLETE or is_judged(tx, identity):
        return False
    tx.execute(sa.update(batch).where(batch.c.id == identity).values(state=OPEN, completed_at=None))
    return True


def set_overlap(tx: Connection, identity: str, overlap: int) -> None:
    """Ask for another number of judgements a segment. Raises RecordError for a bad one."""
    get(tx, identity)
    if overlap < 1:
        raise RecordError(f"an overlap of {overlap} is none: it is 1 or more")
    tx.execute(sa.update(batch).where(batch.c.id == identity).values(overlap=overlap))


def n_extra(tx: Connection, identity: str, segment_id: str) -> int:
    """How many judgements beyond the batch's overlap are asked for on a segment; 0 where it is
    no part of the batch."""
    here = (batch_item.c.batch_id == identity, batch_item.c.segment_id == segment_id)
    return tx.scalar(sa.select(batch_item.c.n_extra).where(*here)) or 0


def ask_for_more(tx: Connection, identity: str, segment_id: str) -> None:
    """Ask for one more judgement on a segment of a batch than so far."""
    here = (batch_item.c.batch_id == identity, batch_item.c.segment_id == segment_id)
    tx.execute(sa.update(batch_item).where(*here).values(n_extra=batch_item.c.n_extra + 1))


def ask_for_no_more(tx: Connection, identity: str, n_judges: Mapping[str, int]) -> int:
    """Of these segments (id -> judges so far) of a batch ask for no judgement beyond those there
    are, except of the random slice; how many segments that changed."""
    rows = [
        {"on": item.segment_id, "n": n_judges[item.segment_id]}
        for item in _items(tx, identity)
        if item.purpose == "query" and item.segment_id in n_judges
    ]
    overlap = get(tx, identity).overlap
    query = (
        sa.update(batch_item)
        .where(
            batch_item.c.batch_id == identity,
            batch_item.c.segment_id == sa.bindparam("on"),
            batch_item.c.n_extra > sa.bindparam("n") - overlap,
        )
        .values(n_extra=sa.bindparam("n") - overlap)
    )
    return sum(tx.execute(query, row).rowcount for row in rows)


def close_batch(tx: Connection, identity: str) -> None:
    """Wait for no more judgements on a batch. Raises RecordError where there is no such batch."""
    get(tx, identity)
    tx.execute(sa.update(batch).where(batch.c.id == identity).values(state=CLOSED))


def _items(tx: Connection, identity: str) -> list[BatchItem]:
    query = sa.select(batch_item).where(batch_item.c.batch_id == identity)
    return [BatchItem(**row._mapping) for row in tx.execute(query.order_by(batch_item.c.rank))]


def _wanted() -> sa.ColumnElement[int]:
    """How many judgements an item of a batch is to have."""
    return batch.c.overlap + batch_item.c.n_extra


def _experts_said(identity: str) -> sa.Select[tuple[str]]:
    """Experts' judgements on the segments of a batch."""
    return (
        sa.select(judgement.c.id)
        .join_from(batch_item, batch, batch_item.c.batch_id == batch.c.id)
        .join(judgement, judgement.c.segment_id == batch_item.c.segment_id)
        .where(batch_item.c.batch_id == identity, judgement.c.role.in_(EXPERTS), standing())
    )

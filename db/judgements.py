"""Human judgements: stored once, never changed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from db.errors import RecordError
from db.frames import read_frame
from db.inserting import among, insert_new, parts, present
from db.records import Added
from db.schema import (
    batch,
    batch_item,
    judgement,
    judgement_detail,
    judgement_value,
    segment,
    withdrawal,
)
from db.standing import standing
from labels.judgements import Judgement, Mark

_FIELDS = (
    "id", "segment_id", "annotator", "role", "batch_id", "guideline_version", "duration_s",
    "judged_at", "note", "source", "verdict", "purpose",
)  # fmt: skip

_SAME = ("segment_id", "annotator", "role", "verdict", "secondary", "marks")
"""What makes two judgements of one id the same, beside their values."""


def add(tx: Connection, judgements: Sequence[Judgement]) -> Added:
    """Store judgements whose ids are new. They are durable once the transaction has committed.

    An id that is there already with the same segment, annotator, role and values is known; with
    other ones it is a conflict, and what was stored first stands. Raises RecordError, and stores
    nothing, when one names a segment or a batch that the records do not have.
    """
    first: dict[str, Judgement] = {}
    for one in judgements:
        first.setdefault(one.id, one)
    numbers = _insert(tx, list(first.values()))
    values = [
        {"judgement_seq": seq, "dimension": dimension, "value": value}
        for identity, seq in numbers.items()
        for dimension, value in first[identity].values.items()
    ]
    insert_new(tx, judgement_value, values)
    details = [
        {
            "judgement_seq": seq,
            "secondary": list(one.secondary),
            "marks": [vars(mark) for mark in one.marks],
        }
        for identity, seq in numbers.items()
        if (one := first[identity]).secondary or one.marks
    ]
    insert_new(tx, judgement_detail, details)
    # Read after the insert: whoever stored the same ids at the same moment has committed by now.
    before = [identity for identity in first if identity not in numbers]
    stored = {one.id: one for one in _by_id(tx, before)}
    known: dict[str, None] = {}
    conflicts: dict[str, None] = {}
    for one in judgements:
        standing = stored.get(one.id) or first[one.id]
        if _content(standing) != _content(one):
            conflicts[one.id] = None
        elif one is not standing:
            known[one.id] = None
    new = [identity for identity in first if identity in numbers]
    known = {identity: None for identity in known if identity not in numbers}
    return Added(tuple(new), tuple(known), tuple(conflicts))


def read(
    tx: Connection,
    roles: Collection[str] | None = None,
    *,
    dimension: str | None = None,
    batch_id: str | None = None,
    segment_id: str | None = None,
    annotator: str | None = None,
    on_batch: str | None = None,
    segments: Collection[str] | None = None,
    standing_only: bool = True,
) -> list[Judgement]:
    """Judgements in the order they came; of these roles, on this dimension, from this batch, on
    this segment, by this annotator, on the segments of the batch `on_batch` wherever they were
    made, on one of `segments`.

    `dimension` leaves out the judgements that do not speak of it, not what else they say. Those
    taken back, hidden repeats and calibration answers are left out unless asked for.
    """
    query = _joined().where(standing()) if standing_only else _joined()
    if roles is not None:
        query = query.where(judgement.c.role.in_(roles))
    if batch_id is not None:
        query = query.where(judgement.c.batch_id == batch_id)
    if segment_id is not None:
        query = query.where(judgement.c.segment_id == segment_id)
    if annotator is not None:
        query = query.where(judgement.c.annotator == annotator)
    if on_batch is not None:
        mine = sa.select(batch_item.c.segment_id).where(batch_item.c.batch_id == on_batch)
        query = query.where(judgement.c.segment_id.in_(mine))
    query = query.order_by(judgement.c.seq, judgement_value.c.dimension)
    queries = [query]
    if segments is not None:
        some_of = parts(sorted(segments))
        queries = [query.where(among(tx, judgement.c.segment_id, some)) for some in some_of]
    found = [one for each in queries for one in _gather(tx.execute(each))]
    return [one for one in found if dimension is None or dimension in one.values]


def segments_of(tx: Connection, annotator: str) -> set[str]:
    """Segments that somebody judged in a batch, for the label."""
    query = sa.select(judgement.c.segment_id).where(
        judgement.c.annotator == annotator, judgement.c.batch_id.is_not(None), standing()
    )
    return set(tx.scalars(query))


def get(tx: Connection, identity: str) -> Judgement | None:
    """A judgement by id, whether it stands or not."""
    return next(iter(_by_id(tx, [identity])), None)


def page(
    tx: Connection,
    *,
    limit: int,
    after: int = 0,
    annotator: str | None = None,
    batches: Collection[str] | None = None,
) -> list[tuple[int, Judgement]]:
    """Up to `limit` judgements (number, judgement) numbered above `after`, whether they stand or
    not; by this annotator, from these batches."""
    query = sa.select(judgement.c.seq, judgement.c.id).where(judgement.c.seq > after)
    if annotator is not None:
        query = query.where(judgement.c.annotator == annotator)
    if batches is not None:
        query = query.where(judgement.c.batch_id.in_(list(batches)))
    numbers = {row.id: row.seq for row in tx.execute(query.order_by(judgement.c.seq).limit(limit))}
    found = {one.id: one for one in _by_id(tx, list(numbers))}
    return [(seq, found[identity]) for identity, seq in numbers.items()]


def withdraw(tx: Connection, identity: str, *, by: str) -> bool:
    """Take a judgement back: it stays in the records and counts no more. Whether it stood.

    Raises RecordError where there is no such judgement.
    """
    seq = tx.scalar(sa.select(judgement.c.seq).where(judgement.c.id == identity))
    if seq is None:
        raise RecordError(f"there is no judgement {identity!r}")
    row = {"judgement_seq": seq, "by": by, "at": datetime.now(UTC)}
    return bool(insert_new(tx, withdrawal, [row]))


def withdrawn(tx: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these judgements their authors took back."""
    query = sa.select(judgement.c.id).join_from(
        judgement, withdrawal, judgement.c.seq == withdrawal.c.judgement_seq
    )
    return {
        found
        for some in parts(ids)
        for found in tx.scalars(query.where(among(tx, judgement.c.id, some)))
    }


def last_of(tx: Connection, annotator: str, batch_id: str) -> Judgement | None:
    """The latest judgement of an annotator in a batch that they have not taken back."""
    taken_back = sa.exists().where(withdrawal.c.judgement_seq == judgement.c.seq)
    query = (
        sa.select(judgement.c.id)
        .where(
            judgement.c.annotator == annotator,
            judgement.c.batch_id == batch_id,
            sa.or_(judgement.c.purpose.is_(None), judgement.c.purpose == "repeat"),
            ~taken_back,
        )
        .order_by(judgement.c.seq.desc())
        .limit(1)
    )
    identity = tx.scalar(query)
    return None if identity is None else get(tx, identity)


def frame(
    tx: Connection, roles: Collection[str] | None = None, *, dimension: str | None = None
) -> pd.DataFrame:
    """A row a judged dimension: id, segment_id, annotator, role, batch_id, dimension, value,
    judged_at (when it was judged, else received; UTC), in the order they came. Only what stands.
    """
    query = _framed(judgement_value.c.dimension, judgement_value.c.value).join_from(
        judgement, judgement_value, judgement.c.seq == judgement_value.c.judgement_seq
    )
    query = query.order_by(judgement.c.seq, judgement_value.c.dimension)
    if roles is not None:
        query = query.where(judgement.c.role.in_(roles))
    if dimension is not None:
        query = query.where(judgement_value.c.dimension == dimension)
    return read_frame(tx, query, times={"judged_at"})


def verdicts(tx: Connection) -> pd.DataFrame:
    """The judgements that found no emotion to name, with the columns of `frame`.

    Their `dimension` is "emotion" and their `value` the verdict (`labels.judgements.VERDICTS`).
    """
    query = _framed(sa.literal("emotion").label("dimension"), judgement.c.verdict.label("value"))
    query = query.where(judgement.c.verdict.is_not(None)).order_by(judgement.c.seq)
    return read_frame(tx, query, times={"judged_at"})


def _framed(dimension: sa.ColumnElement[str], value: sa.ColumnElement[Any]) -> sa.Select[Any]:
    c = judgement.c
    judged_at = sa.func.coalesce(c.judged_at, c.received_at).label("judged_at")
    columns = (c.id, c.segment_id, c.annotator, c.role, c.batch_id, dimension, value, judged_at)
    return sa.select(*columns).where(standing())


def _insert(tx: Connection, judgements: Sequence[Judgement]) -> dict[str, int]:
    """Insert those whose ids are free: id -> number."""
    now = datetime.now(UTC)
    rows = [
        {**{name: getattr(one, name) for name in _FIELDS}, "received_at": now} for one in judgements
    ]
    try:
        with tx.begin_nested():
            new = insert_new(tx, judgement, rows, [judgement.c.id, judgement.c.seq])
    except IntegrityError as error:
        raise RecordError(_dangling(tx, judgements)) from error
    return {row.id: row.seq for row in new}


def _dangling(tx: Connection, judgements: Sequence[Judgement]) -> str:
    """Which judgement names something that is not there."""
    segments = present(tx, segment.c.id, list({one.segment_id for one in judgements}))
    batches = present(tx, batch.c.id, list({one.batch_id for one in judgements if one.batch_id}))
    for one in judgements:
        if one.segment_id not in segments:
            return f"judgement {one.id!r}: no segment {one.segment_id!r} in the records"
        if one.batch_id is not None and one.batch_id not in batches:
            return f"judgement {one.id!r}: no batch {one.batch_id!r} in the records"
    return "the judgements do not fit the records"


def _joined() -> sa.Select[Any]:
    return sa.select(
        *(judgement.c[name] for name in _FIELDS),
        judgement_value.c.dimension,
        judgement_value.c.value,
        judgement_detail.c.secondary,
        judgement_detail.c.marks,
    ).select_from(
        judgement.outerjoin(
            judgement_value, judgement.c.seq == judgement_value.c.judgement_seq
        ).outerjoin(judgement_detail, judgement.c.seq == judgement_detail.c.judgement_seq)
    )


def _by_id(tx: Connection, ids: Sequence[str]) -> list[Judgement]:
    return [
        one
        for some in parts(ids)
        for one in _gather(tx.execute(_joined().where(among(tx, judgement.c.id, some))))
    ]


def _gather(rows: Iterable[sa.Row[Any]]) -> list[Judgement]:
    said: dict[str, tuple[sa.Row[Any], dict[str, str]]] = {}
    for row in rows:
        _, values = said.setdefault(row.id, (row, {}))
        if row.dimension is not None:
            values[row.dimension] = row.value
    return [
        Judgement(
            **dict(zip(_FIELDS, row, strict=False)),
            values=values,
            secondary=tuple(row.secondary or ()),
            marks=tuple(Mark(**mark) for mark in row.marks or ()),
        )
        for row, values in said.values()
    ]


def _content(one: Judgement) -> tuple[Any, ...]:
    return (*(getattr(one, name) for name in _SAME), sorted(one.values.items()))

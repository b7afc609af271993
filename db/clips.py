"""Segments as they are played, and what was said before them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Clip
from db.schema import batch_item, recording, segment

_COLUMNS = (
    segment.c.id.label("segment_id"),
    segment.c.recording_id,
    sa.func.coalesce(recording.c.path, recording.c.uri).label("path"),
    segment.c.start_s,
    segment.c.end_s,
    recording.c.sample_rate_hz,
    recording.c.speaker,
    recording.c.turn,
    sa.func.coalesce(segment.c.transcript, recording.c.transcript).label("transcript"),
)

_TOUCHING_S = 0.05
"""Turns that overlap by less are one after the other."""


def _all() -> sa.Select[Any]:
    return sa.select(*_COLUMNS).join_from(
        segment, recording, segment.c.recording_id == recording.c.id
    )


_GET = _all().where(segment.c.id == sa.bindparam("segment_id"))
_HERE = (
    sa.select(
        segment.c.recording_id, segment.c.level, segment.c.start_s,
        recording.c.session, recording.c.turn, recording.c.corpus,
    )
    .join_from(segment, recording, segment.c.recording_id == recording.c.id)
    .where(segment.c.id == sa.bindparam("segment_id"))
)  # fmt: skip
_WITHIN = (
    _all()
    .where(
        segment.c.recording_id == sa.bindparam("recording_id"),
        segment.c.level == sa.bindparam("level"),
        segment.c.end_s <= sa.bindparam("until_s"),
    )
    .order_by(segment.c.start_s.desc())
    .limit(sa.bindparam("n", type_=sa.Integer))
)


def get(tx: Connection, segment_id: str) -> Clip | None:
    """A segment as it is played, or None where there is none of that id."""
    row = tx.execute(_GET, {"segment_id": segment_id}).one_or_none()
    return None if row is None else Clip(**row._mapping)


def before(tx: Connection, segment_id: str, n: int) -> list[Clip]:
    """Up to `n` turns or utterances before a segment, the earliest first.

    Those of the same recording and level that end before it begins; where it is the only one,
    the recordings of its session with a smaller turn number.
    """
    here = tx.execute(_HERE, {"segment_id": segment_id}).one_or_none()
    if here is None:
        return []
    asked = {
        "recording_id": here.recording_id,
        "level": here.level,
        "until_s": here.start_s + _TOUCHING_S,
        "n": n,
    }
    found = [Clip(**row._mapping) for row in tx.execute(_WITHIN, asked)]
    if found or not here.session or _number(here.turn) is None:
        return found[::-1]
    return _earlier_turns(tx, here, n)


def in_batch_of(tx: Connection, segment_id: str) -> list[str]:
    """Batches that a segment is part of."""
    query = sa.select(batch_item.c.batch_id).where(batch_item.c.segment_id == segment_id)
    return sorted(tx.scalars(query))


def _earlier_turns(tx: Connection, here: Any, n: int) -> list[Clip]:
    query = _all().where(
        recording.c.session == here.session,
        recording.c.corpus == here.corpus,
        segment.c.parent_id.is_(None),
        recording.c.id != here.recording_id,
    )
    mine = _number(here.turn)
    turns = [
        (number, Clip(**row._mapping))
        for row in tx.execute(query)
        if (number := _number(row.turn)) is not None and mine is not None and number < mine
    ]
    return [clip for _, clip in sorted(turns, key=lambda pair: pair[0])[-n:]]


def _number(turn: str | None) -> float | None:
    try:
        return float(turn) if turn else None
    except ValueError:
        return None

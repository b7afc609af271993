"""What experts said, as little of each judgement as statistics over very many need: read in
columns, in a tenth of the time that whole judgements take."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.frames import Untouched
from db.records import Said
from db.schema import batch_item, judgement, judgement_value, withdrawal
from db.standing import standing

_COLUMNS = (
    "id", "segment_id", "annotator", "role", "batch_id", "verdict", "purpose", "duration_s",
    "source",
)  # fmt: skip
_NOTE = sa.case((judgement.c.role == "adjudicator", judgement.c.note)).label("note")
# As it is stored: a function called a million times takes seconds.
_AT = sa.type_coerce(judgement.c.judged_at, Untouched()).label("judged_at")


def read(
    tx: Connection,
    roles: Collection[str],
    *,
    dimensions: Collection[str] = ("emotion",),
    on_batch: str | None = None,
    repeats_of: str | None = None,
) -> list[Said]:
    """What these roles said on these dimensions, in the order it came: on the segments of
    `on_batch` wherever it was said, or the hidden repeats of a batch; else everything. Notes are
    those of adjudicators only. What was taken back is left out."""
    where: list[sa.ColumnElement[bool]] = [judgement.c.role.in_(list(roles))]
    if repeats_of is None:
        where.append(standing())
    else:
        taken_back = sa.exists().where(withdrawal.c.judgement_seq == judgement.c.seq)
        where += [judgement.c.batch_id == repeats_of, judgement.c.purpose == "repeat", ~taken_back]
    if on_batch is not None:
        mine = sa.select(batch_item.c.segment_id).where(batch_item.c.batch_id == on_batch)
        where.append(judgement.c.segment_id.in_(mine))
    columns = [judgement.c[name] for name in _COLUMNS]
    query = sa.select(judgement.c.seq, _AT, *columns, _NOTE).where(*where)
    rows = tx.execute(query.order_by(judgement.c.seq)).all()
    values = _values(tx, where, dimensions)
    nothing: dict[str, str] = {}
    return [Said._make((*row[2:], _moment(row[1]), values.get(row[0], nothing))) for row in rows]


def stamp(tx: Connection) -> tuple[int, int]:
    """Another one whenever something was said or taken back since."""
    newest = tx.scalar(sa.select(sa.func.max(judgement.c.seq))) or 0
    n_taken_back = tx.scalar(sa.select(sa.func.count()).select_from(withdrawal)) or 0
    return newest, n_taken_back


def _values(
    tx: Connection, where: Collection[Any], dimensions: Collection[str]
) -> dict[int, dict[str, str]]:
    query = (
        sa.select(
            judgement_value.c.judgement_seq, judgement_value.c.dimension, judgement_value.c.value
        )
        .join_from(judgement_value, judgement, judgement.c.seq == judgement_value.c.judgement_seq)
        .where(*where, judgement_value.c.dimension.in_(list(dimensions)))
    )
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for seq, dimension, value in tx.execute(query).all():
        found[seq][dimension] = value
    return found


def _moment(stored: Any) -> datetime | None:
    """A time as either database gives it."""
    if stored is None or isinstance(stored, datetime):
        return None if stored is None else stored.astimezone(UTC)
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)

"""Human judgements: stored once, never changed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new, parts
from db.records import Added
from db.schema import judgement, judgement_value
from labels.judgements import Judgement

_FIELDS = (
    "id", "segment_id", "annotator", "role", "batch_id", "guideline_version", "duration_s",
    "judged_at", "note", "source",
)  # fmt: skip

_SAME = ("segment_id", "annotator", "role")
"""What makes two judgements of one id the same, beside their values."""


def add(tx: Connection, judgements: Sequence[Judgement]) -> Added:
    """Store judgements whose ids are new. They are durable once the transaction has committed.

    An id that is there already with the same segment, annotator, role and values is known; with
    other ones it is a conflict, and what was stored first stands.
    """
    stored = {one.id: one for one in _read(tx, [one.id for one in judgements])}
    new: dict[str, Judgement] = {}
    known: list[str] = []
    conflicts: list[str] = []
    for one in judgements:
        before = stored.get(one.id) or new.get(one.id)
        if before is None:
            new[one.id] = one
        elif _content(before) == _content(one):
            known.append(one.id)
        else:
            conflicts.append(one.id)
    now = datetime.now(UTC)
    rows = [{name: getattr(one, name) for name in _FIELDS} for one in new.values()]
    insert_new(tx, judgement, [{**row, "received_at": now} for row in rows])
    seq_of = _numbers(tx, list(new))
    values = [
        {"judgement_seq": seq_of[one.id], "dimension": dimension, "value": value}
        for one in new.values()
        for dimension, value in one.values.items()
    ]
    insert_new(tx, judgement_value, values)
    return Added(tuple(new), tuple(known), tuple(conflicts))


def read(tx: Connection, roles: Sequence[str] | None = None) -> list[Judgement]:
    """Judgements in the order they came; of these roles, or of all."""
    query = sa.select(judgement.c.id).order_by(judgement.c.seq)
    if roles is not None:
        query = query.where(judgement.c.role.in_(roles))
    return _read(tx, list(tx.scalars(query)))


def frame(tx: Connection, roles: Sequence[str] | None = None) -> pd.DataFrame:
    """A row a judged dimension: id, segment_id, annotator, role, batch_id, dimension, value,
    judged_at (when it was judged, else received), in the order they came."""
    c = judgement.c
    query = (
        sa.select(
            c.id,
            c.segment_id,
            c.annotator,
            c.role,
            c.batch_id,
            judgement_value.c.dimension,
            judgement_value.c.value,
            sa.func.coalesce(c.judged_at, c.received_at).label("judged_at"),
        )
        .join_from(judgement, judgement_value, c.seq == judgement_value.c.judgement_seq)
        .order_by(c.seq, judgement_value.c.dimension)
    )
    if roles is not None:
        query = query.where(c.role.in_(roles))
    result = tx.execute(query)
    table = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    table["judged_at"] = pd.to_datetime(table["judged_at"], utc=True)
    return table


def _read(tx: Connection, ids: Sequence[str]) -> list[Judgement]:
    values: dict[str, dict[str, str]] = {}
    rows: dict[str, Any] = {}
    for some in parts(ids):
        said = (
            sa.select(judgement.c.id, judgement_value.c.dimension, judgement_value.c.value)
            .join_from(judgement, judgement_value)
            .where(judgement.c.id.in_(some))
        )
        for identity, dimension, value in tx.execute(said):
            values.setdefault(identity, {})[dimension] = value
        columns = [judgement.c[name] for name in _FIELDS]
        for row in tx.execute(sa.select(*columns).where(judgement.c.id.in_(some))):
            rows[row.id] = row._mapping
    found = [identity for identity in dict.fromkeys(ids) if identity in rows]
    return [Judgement(**rows[identity], values=values.get(identity, {})) for identity in found]


def _numbers(tx: Connection, ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in parts(ids):
        query = sa.select(judgement.c.id, judgement.c.seq).where(judgement.c.id.in_(some))
        found.update((row.id, row.seq) for row in tx.execute(query))
    return found


def _content(one: Judgement) -> tuple[Any, ...]:
    return (*(getattr(one, name) for name in _SAME), sorted(one.values.items()))

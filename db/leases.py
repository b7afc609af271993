"""Segments out with annotators: taken, given back, ended."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.batches import EXPERTS
from db.desk_records import ItemState, Lease
from db.inserting import among_bound, bound_keys, insert_new
from db.schema import batch, batch_item, judgement, lease, withdrawal
from db.standing import standing

_COLUMNS = [lease.c[name] for name in Lease.__dataclass_fields__]


_HELD = (
    sa.select(*_COLUMNS)
    .where(
        lease.c.account_id == sa.bindparam("account_id"),
        lease.c.batch_id == sa.bindparam("batch_id"),
        lease.c.ended_at.is_(None),
        lease.c.expires_at > sa.bindparam("now"),
    )
    .order_by(lease.c.taken_at, lease.c.id)
)
_GET = sa.select(*_COLUMNS).where(lease.c.id == sa.bindparam("identity"))
_GET_AND_LOCK = _GET.with_for_update()
# Statements are built once: with a judgement every second, building them costs more than running.


def held(tx: Connection, account_id: str, batch_id: str, now: datetime) -> list[Lease]:
    """What an account has out of a batch, the oldest first."""
    asked = {"account_id": account_id, "batch_id": batch_id, "now": now}
    return [Lease(**row._mapping) for row in tx.execute(_HELD, asked)]


def get(tx: Connection, identity: str, *, lock: bool = False) -> Lease | None:
    """A lease by id; with `lock` others who would end it wait for this transaction."""
    row = tx.execute(_GET_AND_LOCK if lock else _GET, {"identity": identity}).one_or_none()
    return None if row is None else Lease(**row._mapping)


def lock_items(
    tx: Connection, batch_id: str, segments: Sequence[str], *, wait: bool = True
) -> list[str]:
    """Hold these items of a batch until the transaction ends; returns those that are held.

    With `wait=False` items that somebody else holds are passed over. On SQLite a writer holds
    everything already.
    """
    if tx.dialect.name == "sqlite":
        return list(segments)
    query = _lock_query(tx.dialect.name, wait)
    return list(tx.scalars(query, {"batch_id": batch_id, "segments": bound_keys(tx, segments)}))


@cache
def _lock_query(dialect: str, wait: bool) -> sa.Select[tuple[str]]:
    return (
        sa.select(batch_item.c.segment_id)
        .where(
            batch_item.c.batch_id == sa.bindparam("batch_id"),
            among_bound(dialect, batch_item.c.segment_id, "segments"),
        )
        .order_by(batch_item.c.segment_id)  # all take them in one order: no deadlock
        .with_for_update(skip_locked=not wait)
    )


def states(
    tx: Connection, batch_id: str, segments: Sequence[str], who: str, account_id: str, now: datetime
) -> list[ItemState]:
    """Items of a batch as the annotator `who` finds them, in the order of `segments`."""
    asked = {
        "batch_id": batch_id,
        "segments": bound_keys(tx, segments),
        "who": who,
        "account_id": account_id,
        "now": now,
    }
    rows = tx.execute(_states_query(tx.dialect.name), asked)
    found = {row[0]: ItemState(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows}
    return [found[one] for one in segments if one in found]


@cache
def _states_query(dialect: str) -> sa.Select[Any]:
    n_judges = sa.func.count(judgement.c.annotator.distinct())
    mine = sa.func.max(sa.case((judgement.c.annotator == sa.bindparam("who"), 1), else_=0))
    judged = (
        sa.select(judgement.c.segment_id, n_judges.label("n"), mine.label("mine"))
        .where(
            among_bound(dialect, judgement.c.segment_id, "segments"),
            judgement.c.role.in_(EXPERTS),
            standing(),
        )
        .group_by(judgement.c.segment_id)
        .subquery()
    )
    is_mine = lease.c.account_id == sa.bindparam("account_id")
    out = (
        sa.select(
            lease.c.segment_id,
            sa.func.count().label("n"),
            sa.func.max(sa.case((is_mine, 1), else_=0)).label("mine"),
        )
        .where(
            among_bound(dialect, lease.c.segment_id, "segments"),
            lease.c.ended_at.is_(None),
            lease.c.expires_at > sa.bindparam("now"),
            lease.c.purpose.is_(None),
        )
        .group_by(lease.c.segment_id)
        .subquery()
    )
    return (
        sa.select(
            batch_item.c.segment_id,
            sa.func.coalesce(judged.c.n, 0),
            sa.func.coalesce(out.c.n, 0),
            batch.c.overlap + batch_item.c.n_extra,
            sa.func.coalesce(judged.c.mine, 0) + sa.func.coalesce(out.c.mine, 0) > 0,
        )
        .join_from(batch_item, batch, batch_item.c.batch_id == batch.c.id)
        .outerjoin(judged, judged.c.segment_id == batch_item.c.segment_id)
        .outerjoin(out, out.c.segment_id == batch_item.c.segment_id)
        .where(
            batch_item.c.batch_id == sa.bindparam("batch_id"),
            among_bound(dialect, batch_item.c.segment_id, "segments"),
        )
    )


def take(tx: Connection, one: Lease) -> bool:
    """Take a segment; False where the account has it out already."""
    row = vars(one)
    if insert_new(tx, lease, [row]):
        return True
    expired = (
        lease.c.batch_id == one.batch_id,
        lease.c.segment_id == one.segment_id,
        lease.c.account_id == one.account_id,
        lease.c.ended_at.is_(None),
        lease.c.expires_at <= one.taken_at,
    )
    over = {"ended_at": one.taken_at, "outcome": "expired"}
    ended = tx.execute(sa.update(lease).where(*expired).values(**over)).rowcount
    return bool(ended and insert_new(tx, lease, [row]))


_ENDED: dict[str, Any] = {"ended_at": sa.bindparam("at"), "outcome": sa.bindparam("how")}
_FINISH = (
    sa.update(lease)
    .where(lease.c.id == sa.bindparam("identity"), lease.c.ended_at.is_(None))
    .values(_ENDED)
)
_JUDGED = (
    sa.update(lease)
    .where(
        lease.c.id == sa.bindparam("identity"),
        sa.or_(lease.c.ended_at.is_(None), lease.c.outcome.in_(["expired", "returned"])),
    )
    .values(_ENDED)
)


def finish(tx: Connection, identity: str, outcome: str, at: datetime) -> bool:
    """End a lease, once; one that only ran out can still be judged. Whether this ended it."""
    asked = {"identity": identity, "at": at, "how": outcome}
    return bool(tx.execute(_JUDGED if outcome == "judged" else _FINISH, asked).rowcount)


def give_back_all(tx: Connection, account_id: str, at: datetime) -> int:
    """Give back all that an account has out; how many that were."""
    mine = (lease.c.account_id == account_id, lease.c.ended_at.is_(None))
    returned = {"ended_at": at, "outcome": "returned"}
    return tx.execute(sa.update(lease).where(*mine).values(**returned)).rowcount


def judged_by(tx: Connection, who: str, batch_id: str) -> list[str]:
    """Segments that an annotator judged in a batch, in the order of their first judgements."""
    taken_back = sa.exists().where(withdrawal.c.judgement_seq == judgement.c.seq)
    query = (
        sa.select(judgement.c.segment_id)
        .where(
            judgement.c.annotator == who,
            judgement.c.batch_id == batch_id,
            judgement.c.purpose.is_(None),
            ~taken_back,
        )
        .group_by(judgement.c.segment_id)
        .order_by(sa.func.min(judgement.c.seq))
    )
    return list(tx.scalars(query))


_N_JUDGED = sa.select(sa.func.count(judgement.c.segment_id.distinct())).where(
    judgement.c.annotator == sa.bindparam("who"),
    judgement.c.batch_id == sa.bindparam("batch_id"),
    standing(),
)
_HAS_JUDGED = (
    sa.select(judgement.c.seq)
    .where(
        judgement.c.segment_id == sa.bindparam("segment_id"),
        judgement.c.annotator == sa.bindparam("who"),
        judgement.c.batch_id == sa.bindparam("batch_id"),
        standing(),
    )
    .limit(1)
)


def n_judged_by(tx: Connection, who: str, batch_id: str) -> int:
    """How many segments an annotator judged in a batch."""
    return tx.scalars(_N_JUDGED, {"who": who, "batch_id": batch_id}).one()


def has_judged(tx: Connection, who: str, batch_id: str, segment_id: str) -> bool:
    """Whether a judgement of an annotator on a segment stands, made in this batch."""
    asked = {"who": who, "batch_id": batch_id, "segment_id": segment_id}
    return tx.scalar(_HAS_JUDGED, asked) is not None


def repeated(tx: Connection, account_id: str, batch_id: str) -> set[str]:
    """Segments that an account was given a second time in a batch."""
    query = sa.select(lease.c.segment_id).where(
        lease.c.account_id == account_id,
        lease.c.batch_id == batch_id,
        lease.c.purpose == "repeat",
    )
    return set(tx.scalars(query))

"""Segments out with annotators: taken, given back, ended."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.batches import EXPERTS
from db.inserting import among, insert_new
from db.records import ItemState, Lease
from db.schema import account, batch, batch_item, judgement, lease, withdrawal
from db.standing import standing

_COLUMNS = [lease.c[name] for name in Lease.__dataclass_fields__]


def held(tx: Connection, account_id: str, batch_id: str, now: datetime) -> list[Lease]:
    """What an account has out of a batch, the oldest first."""
    query = sa.select(*_COLUMNS).where(
        lease.c.account_id == account_id,
        lease.c.batch_id == batch_id,
        lease.c.ended_at.is_(None),
        lease.c.expires_at > now,
    )
    return [Lease(**row._mapping) for row in tx.execute(query.order_by(lease.c.taken_at))]


def get(tx: Connection, identity: str, *, lock: bool = False) -> Lease | None:
    """A lease by id; with `lock` others who would end it wait for this transaction."""
    query = sa.select(*_COLUMNS).where(lease.c.id == identity)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else Lease(**row._mapping)


def lock_items(
    tx: Connection, batch_id: str, segments: Sequence[str], *, wait: bool = True
) -> list[str]:
    """Hold these items of a batch until the transaction ends; returns those that are held.

    With `wait=False` items that somebody else holds are passed over. On SQLite a writer holds
    everything already.
    """
    query = sa.select(batch_item.c.segment_id).where(
        batch_item.c.batch_id == batch_id, among(tx, batch_item.c.segment_id, segments)
    )
    query = query.order_by(batch_item.c.segment_id)  # all take them in one order: no deadlock
    return list(tx.scalars(query.with_for_update(skip_locked=not wait)))


def states(
    tx: Connection, batch_id: str, segments: Sequence[str], who: str, account_id: str, now: datetime
) -> list[ItemState]:
    """Items of a batch as the annotator `who` finds them, in the order of `segments`."""
    n_judges = sa.func.count(judgement.c.annotator.distinct())
    mine = sa.func.max(sa.case((judgement.c.annotator == who, 1), else_=0))
    judged = (
        sa.select(judgement.c.segment_id, n_judges.label("n"), mine.label("mine"))
        .where(
            among(tx, judgement.c.segment_id, segments), judgement.c.role.in_(EXPERTS), standing()
        )
        .group_by(judgement.c.segment_id)
        .subquery()
    )
    mine_out = sa.func.max(sa.case((lease.c.account_id == account_id, 1), else_=0))
    out = (
        sa.select(lease.c.segment_id, sa.func.count().label("n"), mine_out.label("mine"))
        .where(
            among(tx, lease.c.segment_id, segments),
            lease.c.ended_at.is_(None),
            lease.c.expires_at > now,
            lease.c.purpose.is_(None),
        )
        .group_by(lease.c.segment_id)
        .subquery()
    )
    query = (
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
        .where(batch_item.c.batch_id == batch_id, among(tx, batch_item.c.segment_id, segments))
    )
    found = {
        row[0]: ItemState(row[0], row[1], row[2], row[3], bool(row[4])) for row in tx.execute(query)
    }
    return [found[one] for one in segments if one in found]


def take(tx: Connection, one: Lease) -> bool:
    """Take a segment; False where the account has it out already."""
    expired = (
        lease.c.batch_id == one.batch_id,
        lease.c.segment_id == one.segment_id,
        lease.c.account_id == one.account_id,
        lease.c.ended_at.is_(None),
        lease.c.expires_at <= one.taken_at,
    )
    over = {"ended_at": one.taken_at, "outcome": "expired"}
    tx.execute(sa.update(lease).where(*expired).values(**over))
    return bool(insert_new(tx, lease, [vars(one)]))


def finish(tx: Connection, identity: str, outcome: str, at: datetime) -> bool:
    """End a lease, once; one that only ran out can still be judged. Whether this ended it."""
    over: sa.ColumnElement[bool] = lease.c.ended_at.is_(None)
    if outcome == "judged":
        over = sa.or_(over, lease.c.outcome == "expired", lease.c.outcome == "returned")
    this = (lease.c.id == identity, over)
    ended = {"ended_at": at, "outcome": outcome}
    return bool(tx.execute(sa.update(lease).where(*this).values(**ended)).rowcount)


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


def n_judged_by(tx: Connection, who: str, batch_id: str) -> int:
    """How many segments an annotator judged in a batch."""
    query = sa.select(sa.func.count(judgement.c.segment_id.distinct())).where(
        judgement.c.annotator == who, judgement.c.batch_id == batch_id, standing()
    )
    return tx.scalars(query).one()


def repeated(tx: Connection, account_id: str, batch_id: str) -> set[str]:
    """Segments that an account was given a second time in a batch."""
    query = sa.select(lease.c.segment_id).where(
        lease.c.account_id == account_id,
        lease.c.batch_id == batch_id,
        lease.c.purpose == "repeat",
    )
    return set(tx.scalars(query))


def out_now(tx: Connection, batch_id: str, now: datetime) -> list[tuple[Lease, str]]:
    """What is out of a batch, and with whom (by name), the oldest first."""
    query = (
        sa.select(*_COLUMNS, account.c.name.label("who"))
        .join_from(lease, account, lease.c.account_id == account.c.id)
        .where(lease.c.batch_id == batch_id, lease.c.ended_at.is_(None), lease.c.expires_at > now)
        .order_by(lease.c.taken_at)
    )
    return [
        (Lease(**{c.name: row._mapping[c.name] for c in _COLUMNS}), row.who)
        for row in tx.execute(query)
    ]


def has_out(tx: Connection, account_id: str, segments: Collection[str], now: datetime) -> bool:
    """Whether an account has any of these segments out."""
    query = sa.select(lease.c.id).where(
        lease.c.account_id == account_id,
        lease.c.segment_id.in_(list(segments)),
        lease.c.ended_at.is_(None),
        lease.c.expires_at > now,
    )
    return tx.scalar(query.limit(1)) is not None

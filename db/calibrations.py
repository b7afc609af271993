"""Calibration sessions: gold clips that an annotator judges, and how they did."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Calibration, CalibrationItem
from db.schema import account, calibration, calibration_item, judgement

_COLUMNS = [calibration.c[name] for name in Calibration.__dataclass_fields__]
_ITEMS = [calibration_item.c[name] for name in CalibrationItem.__dataclass_fields__]


def add(tx: Connection, one: Calibration, items: Sequence[CalibrationItem]) -> None:
    """Store a session and its clips."""
    tx.execute(sa.insert(calibration).values(**vars(one)))
    tx.execute(sa.insert(calibration_item), [vars(item) for item in items])


def get(tx: Connection, identity: str, *, lock: bool = False) -> Calibration | None:
    """A session by id; with `lock` others who would answer in it wait."""
    query = sa.select(*_COLUMNS).where(calibration.c.id == identity)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else Calibration(**row._mapping)


def of_account(tx: Connection, account_id: str) -> list[Calibration]:
    """The sessions of an account, oldest first."""
    query = sa.select(*_COLUMNS).where(calibration.c.account_id == account_id)
    rows = tx.execute(query.order_by(calibration.c.started_at, calibration.c.id))
    return [Calibration(**row._mapping) for row in rows]


def items(tx: Connection, identity: str) -> list[CalibrationItem]:
    """The clips of a session, in their order."""
    query = sa.select(*_ITEMS).where(calibration_item.c.calibration_id == identity)
    return [
        CalibrationItem(**row._mapping)
        for row in tx.execute(query.order_by(calibration_item.c.nth))
    ]


def answer(tx: Connection, identity: str, nth: int, judgement_id: str) -> bool:
    """Say which judgement answers a clip, once; whether this was the first."""
    mine = (
        calibration_item.c.calibration_id == identity,
        calibration_item.c.nth == nth,
        calibration_item.c.judgement_id.is_(None),
    )
    values = {"judgement_id": judgement_id}
    return bool(tx.execute(sa.update(calibration_item).where(*mine).values(**values)).rowcount)


def finish(tx: Connection, identity: str, score: float, passed: bool, at: datetime) -> None:
    """End a session with its score."""
    mine = (calibration.c.id == identity, calibration.c.finished_at.is_(None))
    values = {"score": score, "passed": passed, "finished_at": at}
    tx.execute(sa.update(calibration).where(*mine).values(**values))


def latest(tx: Connection) -> dict[str, Calibration]:
    """Name of each account that finished a calibration -> the last one it finished."""
    query = (
        sa.select(account.c.name, *_COLUMNS)
        .join_from(calibration, account, calibration.c.account_id == account.c.id)
        .where(calibration.c.finished_at.is_not(None))
        .order_by(calibration.c.finished_at, calibration.c.id)
    )
    return {row[0]: Calibration(*row[1:]) for row in tx.execute(query)}


def last_passed_at(tx: Connection, account_id: str) -> datetime | None:
    """When an account last passed."""
    query = (
        sa.select(calibration.c.finished_at)
        .where(calibration.c.account_id == account_id, calibration.c.passed.is_(True))
        .order_by(calibration.c.finished_at.desc())
        .limit(1)
    )
    when: datetime | None = tx.scalar(query)
    return when


def first_judged_at(tx: Connection, annotator: str) -> datetime | None:
    """When an annotator first judged in a batch."""
    query = (
        sa.select(judgement.c.received_at)
        .where(
            judgement.c.annotator == annotator,
            judgement.c.batch_id.is_not(None),
            judgement.c.purpose.is_(None),
        )
        .order_by(judgement.c.seq)
        .limit(1)
    )
    when: datetime | None = tx.scalar(query)
    return when

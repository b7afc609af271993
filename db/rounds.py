"""Rounds and their steps."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new
from db.records import Round
from db.schema import round_, round_step

RUNNING, DONE = "running", "done"


def begin_round(tx: Connection, *, seed: int, params: Mapping[str, Any]) -> Round:
    """The unfinished round as it was begun, if there is one; else the next, with this seed."""
    running = tx.scalar(sa.select(sa.func.min(round_.c.number)).where(round_.c.state == RUNNING))
    if running is not None:
        return get(tx, running)
    number = (tx.scalar(sa.select(sa.func.max(round_.c.number))) or 0) + 1
    tx.execute(
        sa.insert(round_).values(
            number=number,
            seed=seed,
            state=RUNNING,
            params=dict(params),
            metrics={},
            started_at=datetime.now(UTC),
        )
    )
    return get(tx, number)


def get(tx: Connection, number: int) -> Round:
    """A round by number. Raises ValueError where there is none."""
    row = tx.execute(sa.select(round_).where(round_.c.number == number)).one_or_none()
    if row is None:
        last = tx.scalar(sa.select(sa.func.max(round_.c.number)))
        known = f"known: 1 to {last}" if last else "there are none yet"
        raise ValueError(f"there is no round {number} ({known})")
    return _record(row)


def list_rounds(tx: Connection) -> list[Round]:
    """All rounds, oldest first."""
    return [_record(r) for r in tx.execute(sa.select(round_).order_by(round_.c.number))]


def results(tx: Connection, number: int) -> dict[str, Any]:
    """What the finished steps of a round gave: step -> result, in the order they finished."""
    query = (
        sa.select(round_step.c.step, round_step.c.result)
        .where(round_step.c.round_number == number)
        .order_by(round_step.c.finished_at)
    )
    return {step: result for step, result in tx.execute(query)}


def record_step(
    tx: Connection, number: int, step: str, *, result: Mapping[str, Any], seconds: float
) -> None:
    """Record a finished step; what was recorded first stands."""
    row = {
        "round_number": number,
        "step": step,
        "result": dict(result),
        "seconds": seconds,
        "finished_at": datetime.now(UTC),
    }
    insert_new(tx, round_step, [row])


def finish_round(tx: Connection, number: int, *, metrics: Mapping[str, Any]) -> None:
    """Close a round with its row of figures; closed again, nothing changes."""
    tx.execute(
        sa.update(round_)
        .where(round_.c.number == number, round_.c.state == RUNNING)
        .values(state=DONE, metrics=dict(metrics), finished_at=datetime.now(UTC))
    )


def _record(row: sa.Row[Any]) -> Round:
    return Round(**{name: getattr(row, name) for name in Round.__dataclass_fields__})

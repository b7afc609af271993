"""Rounds and their steps."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.errors import RecordError
from db.inserting import insert_new
from db.records import Round, RoundStep
from db.schema import round_, round_step

RUNNING, DONE = "running", "done"

_COLUMNS = [round_.c[name] for name in Round.__dataclass_fields__]
_STEP_COLUMNS = [round_step.c[name] for name in RoundStep.__dataclass_fields__]


def begin_round(tx: Connection, *, seed: int, params: Mapping[str, Any]) -> Round:
    """The unfinished round as it was begun, if there is one; else the next, with this seed.

    One of which no step is finished is begun with what is asked for now. Two who begin at the
    same moment get the same round.
    """
    while True:
        running = tx.scalar(sa.select(round_.c.number).where(round_.c.state == RUNNING))
        if running is not None:
            if not steps(tx, running):
                asked = {"seed": seed, "params": dict(params)}
                tx.execute(sa.update(round_).where(round_.c.number == running).values(asked))
            return get(tx, running)
        row = {
            "number": (tx.scalar(sa.select(sa.func.max(round_.c.number))) or 0) + 1,
            "seed": seed,
            "state": RUNNING,
            "params": dict(params),
            "metrics": {},
            "started_at": datetime.now(UTC),
        }
        # Nothing goes in where another began one since: then that one is found.
        insert_new(tx, round_, [row])


def get(tx: Connection, number: int) -> Round:
    """A round by number. Raises RecordError where there is none."""
    row = tx.execute(sa.select(*_COLUMNS).where(round_.c.number == number)).one_or_none()
    if row is None:
        last = tx.scalar(sa.select(sa.func.max(round_.c.number)))
        known = f"known: 1 to {last}" if last else "there are none yet"
        raise RecordError(f"there is no round {number} ({known})")
    return Round(**row._mapping)


def list_rounds(tx: Connection) -> list[Round]:
    """All rounds, oldest first."""
    rows = tx.execute(sa.select(*_COLUMNS).order_by(round_.c.number))
    return [Round(**row._mapping) for row in rows]


def note_run(tx: Connection, number: int, mlflow_run_id: str) -> None:
    """Remember under which MLflow run a round is tracked."""
    mine = round_.c.number == number
    tx.execute(sa.update(round_).where(mine).values(mlflow_run_id=mlflow_run_id))


def steps(tx: Connection, number: int) -> list[RoundStep]:
    """The finished steps of a round, in the order they finished."""
    query = sa.select(*_STEP_COLUMNS).where(round_step.c.round_number == number)
    rows = tx.execute(query.order_by(round_step.c.finished_at, round_step.c.step))
    return [RoundStep(**row._mapping) for row in rows]


def results(tx: Connection, number: int) -> dict[str, Any]:
    """What the finished steps of a round gave: step -> result, in the order they finished."""
    return {done.step: done.result for done in steps(tx, number)}


def record_step(
    tx: Connection, number: int, step: str, *, result: Mapping[str, Any], seconds: float
) -> dict[str, Any]:
    """Record a finished step; what was recorded first stands.

    Returns the result that stands, as it will be read from now on: JSON, with null for NaN.
    """
    row = {
        "round_number": number,
        "step": step,
        "result": dict(result),
        "seconds": seconds,
        "finished_at": datetime.now(UTC),
    }
    insert_new(tx, round_step, [row])
    standing: dict[str, Any] = results(tx, number)[step]
    return standing


def rewind(tx: Connection, number: int) -> None:
    """Forget the finished steps of a round that is not finished: it begins anew."""
    unfinished = sa.select(round_.c.number).where(round_.c.state == RUNNING)
    mine = (round_step.c.round_number == number, round_step.c.round_number.in_(unfinished))
    tx.execute(sa.delete(round_step).where(*mine))


def finish_round(tx: Connection, number: int, *, metrics: Mapping[str, Any]) -> None:
    """Close a round with its row of figures; closed again, nothing changes."""
    tx.execute(
        sa.update(round_)
        .where(round_.c.number == number, round_.c.state == RUNNING)
        .values(state=DONE, metrics=dict(metrics), finished_at=datetime.now(UTC))
    )

"""Every round's verdict on which model is champion. Only ever added to."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new
from db.records import ChampionMove
from db.schema import champion_move

_COLUMNS = [champion_move.c[name] for name in ChampionMove.__dataclass_fields__]


def record(tx: Connection, move: ChampionMove) -> None:
    """Record a round's verdict, once: what was recorded first stands."""
    insert_new(tx, champion_move, [{**vars(move), "decided_at": datetime.now(UTC)}])


def of_round(tx: Connection, round_number: int) -> ChampionMove | None:
    """A round's verdict, or None while there is none."""
    query = sa.select(*_COLUMNS).where(champion_move.c.round_number == round_number)
    row = tx.execute(query).one_or_none()
    return None if row is None else ChampionMove(**row._mapping)


def list_moves(tx: Connection) -> list[ChampionMove]:
    """All verdicts, oldest first."""
    query = sa.select(*_COLUMNS).order_by(champion_move.c.round_number)
    return [ChampionMove(**row._mapping) for row in tx.execute(query)]

"""Named locks as rows: one holder at a time, on any number of machines."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new
from db.processes import is_dead, this_process
from db.records import Lock
from db.schema import lock


def holder() -> str:
    """This process, told apart from a later one with its number: host:pid:time it started."""
    return this_process()


def acquire(tx: Connection, name: str, me: str, ttl_s: float) -> bool:
    """Take a lock for `ttl_s` seconds; whether it was had.

    It is free when nobody holds it, when its time is over, or when its holder is a process of
    this machine that is no more. Its own holder has it again. Others wait for the end of this
    transaction, so it should hold nothing else.
    """
    while True:
        now = _now(tx)
        mine = {"holder": me, "acquired_at": now, "expires_at": now + timedelta(seconds=ttl_s)}
        if insert_new(tx, lock, [{"name": name, **mine}]):
            return True
        # Locking the row makes two who find it free decide one after the other.
        held = tx.execute(sa.select(lock).where(lock.c.name == name).with_for_update()).first()
        if held is None:  # given back a moment ago
            continue
        if held.holder != me and held.expires_at > _now(tx) and not is_dead(held.holder):
            return False
        tx.execute(sa.update(lock).where(lock.c.name == name).values(**mine))
        return True


def renew(tx: Connection, name: str, me: str, ttl_s: float) -> bool:
    """Hold on for another `ttl_s` seconds; False when somebody else has it by now."""
    until = _now(tx) + timedelta(seconds=ttl_s)
    mine = (lock.c.name == name, lock.c.holder == me)
    return bool(tx.execute(sa.update(lock).where(*mine).values(expires_at=until)).rowcount)


def release(tx: Connection, name: str, me: str) -> None:
    """Give a lock back; one that somebody else holds by now is left alone."""
    tx.execute(sa.delete(lock).where(lock.c.name == name, lock.c.holder == me))


def get(tx: Connection, name: str) -> Lock | None:
    """Who holds a lock, or None."""
    row = tx.execute(sa.select(lock).where(lock.c.name == name)).one_or_none()
    return None if row is None else Lock(**row._mapping)


def _now(tx: Connection) -> datetime:
    """The server's clock where there is one: the clocks of its clients may differ."""
    if tx.dialect.name == "postgresql":
        moment: datetime = tx.scalars(sa.select(sa.func.clock_timestamp())).one()
        return moment
    return datetime.now(UTC)

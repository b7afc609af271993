"""Named locks as rows: one holder at a time, on any number of machines."""

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new
from db.records import Lock
from db.schema import lock


def holder() -> str:
    """This process, told apart from a later one with its number: host:pid:time it started."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def acquire(tx: Connection, name: str, me: str, ttl_s: float) -> bool:
    """Take a lock for `ttl_s` seconds; whether it was had.

    It is free when nobody holds it, when its time is over, or when its holder is a process of
    this machine that is no more. Its own holder has it again.
    """
    now = datetime.now(UTC)
    until = now + timedelta(seconds=ttl_s)
    insert_new(tx, lock, [{"name": name, "holder": me, "acquired_at": now, "expires_at": until}])
    # The row is there now; locking it makes two who find it free decide one after the other.
    held = tx.execute(sa.select(lock).where(lock.c.name == name).with_for_update()).one()
    if held.holder == me or held.expires_at <= now or _is_dead(held.holder):
        values = {"holder": me, "acquired_at": now, "expires_at": until}
        tx.execute(sa.update(lock).where(lock.c.name == name).values(**values))
        return True
    return False


def renew(tx: Connection, name: str, me: str, ttl_s: float) -> bool:
    """Hold on for another `ttl_s` seconds; False when somebody else has it by now."""
    until = datetime.now(UTC) + timedelta(seconds=ttl_s)
    mine = (lock.c.name == name, lock.c.holder == me)
    return bool(tx.execute(sa.update(lock).where(*mine).values(expires_at=until)).rowcount)


def release(tx: Connection, name: str, me: str) -> None:
    """Give a lock back; one that somebody else holds by now is left alone."""
    tx.execute(sa.delete(lock).where(lock.c.name == name, lock.c.holder == me))


def get(tx: Connection, name: str) -> Lock | None:
    """Who holds a lock, or None."""
    row = tx.execute(sa.select(lock).where(lock.c.name == name)).one_or_none()
    return None if row is None else Lock(**row._mapping)


def _is_dead(name: str) -> bool:
    host, _, rest = name.partition(":")
    pid, _, started = rest.partition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot; "" where the system does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "gone" if fields[0] == "Z" else fields[19]

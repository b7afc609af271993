"""One round at a time: a row of our own says whose turn it is."""

from dataclasses import dataclass
from datetime import datetime

import db.locks
from rounds.workspace import Workspace

LOCK = "round"


class RoundBusy(ValueError):  # noqa: N818 - no error: somebody else is at work
    """Another round is being worked on; the message says by whom and since when."""


@dataclass(frozen=True)
class Turn:
    """The right to work on a round: who has it, and since when a killed process had it before."""

    holder: str
    follows: datetime | None = None


def acquire(workspace: Workspace, ttl_s: float) -> Turn:
    """Take the row that lets only one round run. Raises RoundBusy."""
    me = db.locks.holder()
    with workspace.writing() as tx:
        before = db.locks.get(tx, LOCK)
        if db.locks.acquire(tx, LOCK, me, ttl_s):
            return Turn(me, before.acquired_at if before else None)
        held = db.locks.get(tx, LOCK)
    by = f"by {held.holder} since {held.acquired_at:%Y-%m-%d %H:%M:%S} UTC" if held else "elsewhere"
    raise RoundBusy(f"a round is already running {by}; wait for it, or stop that process")


def renew(workspace: Workspace, me: str, ttl_s: float) -> None:
    """Say that the holder is still at work."""
    with workspace.writing() as tx:
        db.locks.renew(tx, LOCK, me, ttl_s)


def release(workspace: Workspace, me: str) -> None:
    """Let the next round begin."""
    with workspace.writing() as tx:
        db.locks.release(tx, LOCK, me)

"""One round at a time: the row that says so is held, and kept alive, while a flow works."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rounds.round import acquire, release, renew
from rounds.workspace import Workspace


@contextmanager
def one_round_at_a_time(workspace: Workspace, ttl_s: float) -> Iterator[None]:
    """Hold the round lock for the `with` block, renewing it every third of its time to live.

    Raises rounds.round.RoundBusy when somebody else holds it.
    """
    me = acquire(workspace, ttl_s)
    done = threading.Event()

    def keep_alive() -> None:
        while not done.wait(ttl_s / 3):
            renew(workspace, me, ttl_s)

    keeper = threading.Thread(target=keep_alive, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
        release(workspace, me)

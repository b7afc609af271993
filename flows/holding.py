"""One round at a time: the row that says so is held, and kept alive, while a flow works."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rounds.due import check_due
from rounds.turn import Turn, acquire, release, renew
from rounds.workspace import Workspace


@contextmanager
def one_round_at_a_time(
    workspace: Workspace, ttl_s: float, *, only_if_due: bool = False
) -> Iterator[Turn]:
    """Hold the round lock for the `with` block, renewing it every third of its time to live.

    Raises rounds.turn.RoundBusy when somebody else holds it and, with `only_if_due`,
    rounds.due.NotDue when a round would find nothing new.
    """
    turn = acquire(workspace, ttl_s)
    done = threading.Event()

    def keep_alive() -> None:
        while not done.wait(ttl_s / 3):
            try:
                renew(workspace, turn.holder, ttl_s)
            except Exception as error:  # records that do not answer now may answer next time
                logging.getLogger("undertone").warning("the round's lock: %s", error)

    keeper = threading.Thread(target=keep_alive, daemon=True)
    keeper.start()
    try:
        if only_if_due:
            check_due(workspace)
        yield turn
    finally:
        done.set()
        keeper.join()
        release(workspace, turn.holder)

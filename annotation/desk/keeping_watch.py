"""What the desk does by itself beside answering: tells webhooks, looks for drift, trims sounds."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from annotation.desk import flagging, sound, webhooks
from annotation.desk.desk import Desk

_LOG = logging.getLogger("undertone.desk")
LOOK_S = 15.0
SEND_S = 3.0
DRIFT_S = 1800.0
TRIM_S = 600.0


class Watch:
    """A thread that looks every few seconds; `nudge` makes it look at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._nudged = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="desk watch")

    def nudge(self) -> None:
        """Something has happened."""
        self._nudged.set()

    def _run(self) -> None:
        look_in, drift_in, trim_in = 0.0, DRIFT_S, 0.0
        looked: set[str] = set()
        while not self._over.is_set():
            if self._nudged.is_set() or look_in <= 0:
                self._nudged.clear()
                self._safely(lambda: webhooks.look(self._desk, looked))
                look_in = LOOK_S
            self._safely(lambda: webhooks.send_due(self._desk))
            if trim_in <= 0:
                self._safely(lambda: sound.trim(self._desk))
                trim_in = TRIM_S
            if drift_in <= 0:
                self._safely(lambda: flagging.look_for_drift(self._desk))
                drift_in = DRIFT_S
            self._nudged.wait(SEND_S)
            look_in, drift_in = look_in - SEND_S, drift_in - SEND_S
            trim_in -= SEND_S

    def _safely(self, work: Callable[[], object]) -> None:
        """The watch outlives a database that is away for a while."""
        try:
            work()
        except Exception as error:
            _LOG.error("keeping watch", exc_info=error)


@contextmanager
def keeping_watch(desk: Desk) -> Iterator[Watch]:
    """Keep watch while the `with` block lasts."""
    watch = Watch(desk)
    watch._thread.start()
    try:
        yield watch
    finally:
        watch._over.set()
        watch.nudge()
        watch._thread.join(15)

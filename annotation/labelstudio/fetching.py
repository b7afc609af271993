"""Annotations fetched while the desk runs: soon after Label Studio says so, and now and then."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import db.labelstudio
from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.pulling import PullReport, pull

_LOG = logging.getLogger("undertone.desk")
SOON_S = 5.0
"""So much is gathered before it is fetched: people annotate one clip after another."""
ALL_S = 15 * 60.0
"""All batches are looked at so often, should word of one be lost."""


class Fetcher:
    """A thread that pulls what it is told of; `remark` is given lines for whoever watches."""

    def __init__(self, bridge: Bridge, remark: Callable[[str], None]) -> None:
        self._bridge = bridge
        self._remark = remark
        self._told: set[int | None] = set()
        self._lock = threading.Lock()
        self._nudged = threading.Event()
        self._over = threading.Event()
        self._said: set[str] = set()
        self._thread = threading.Thread(target=self._run, daemon=True, name="label studio")

    def tell(self, project_id: int | None) -> bool:
        """Something was annotated in a project (None: in any); True, for it is fetched."""
        with self._lock:
            self._told.add(project_id)
        self._nudged.set()
        return True

    def fetch(self, projects: set[int | None]) -> None:
        """Pull the batches of these projects; what goes wrong is said once."""
        with self._bridge.desk.workspace.reading() as tx:
            known = db.labelstudio.list_projects(tx)
        for one in known:
            if None not in projects and one.project_id not in projects:
                continue
            try:
                self._say_what_waits(one.batch_id, pull(self._bridge, one.batch_id))
            except ValueError as error:
                self._say_once(f"note: {error}")

    def _say_what_waits(self, batch_id: str, report: PullReport) -> None:
        for who in report.waiting:
            self._say_once(
                f"note: annotations of {batch_id} wait for {who} to be somebody here "
                "(undertone labelstudio people)"
            )
        for problem in report.problems:
            self._say_once(f"note: {batch_id} in Label Studio: {problem}")

    def _say_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._remark(line)

    def _run(self) -> None:
        next_all = time.monotonic()
        while not self._over.is_set():
            self._nudged.wait(max(next_all - time.monotonic(), 0))
            if time.monotonic() < next_all:
                self._over.wait(SOON_S)
            self._nudged.clear()
            with self._lock:
                told, self._told = self._told, set()
            if time.monotonic() >= next_all:
                told, next_all = {None}, time.monotonic() + ALL_S
            if self._over.is_set() or not told:
                continue
            try:
                self.fetch(told)
            except Exception as error:  # it outlives a database that is away for a while
                _LOG.error("fetching from Label Studio", exc_info=error)


@contextmanager
def fetching(bridge: Bridge, remark: Callable[[str], None]) -> Iterator[Fetcher]:
    """Fetch while the `with` block lasts."""
    fetcher = Fetcher(bridge, remark)
    fetcher._thread.start()
    try:
        yield fetcher
    finally:
        fetcher._over.set()
        fetcher._nudged.set()
        fetcher._thread.join(15)

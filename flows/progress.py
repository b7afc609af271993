"""Progress of long work: to whoever listens here, and to Prefect's artifacts page."""

import time
from types import TracebackType
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from flows.listening import tell

_EVERY_S = 2.0


class Progress:
    """A rounds.workspace.Progress that tells who listens and keeps one artifact a kind of work.

    Used in a `with` block: what it told of is complete when the block ends well, also where
    nobody knew beforehand how much there was, or less was needed.
    """

    def __init__(self) -> None:
        self._artifacts: dict[str, UUID] = {}
        self._notes: dict[str, str] = {}
        self._told_at: dict[str, float] = {}

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            for what, note in self._notes.items():
                self._publish(what, 100.0, note)

    def __call__(self, what: str, done: int, total: int) -> None:
        tell(what, done, total)
        self._notes[what] = f"{what}: {done} of {total}" if total else f"{what}: {done}"
        now = time.monotonic()
        if now - self._told_at.get(what, -_EVERY_S) >= _EVERY_S:
            self._told_at[what] = now
            self._publish(what, 100.0 * done / total if total else 0.0, self._notes[what])

    def _publish(self, what: str, percent: float, note: str) -> None:
        if what in self._artifacts:
            update_progress_artifact(self._artifacts[what], percent, description=note)
        else:
            identity = create_progress_artifact(percent, key=f"{what}-progress", description=note)
            if isinstance(identity, UUID):
                self._artifacts[what] = identity

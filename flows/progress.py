"""Progress of long work: to whoever listens here, and to Prefect's artifacts page."""

import time
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from flows.listening import tell

_EVERY_S = 2.0


class Progress:
    """A rounds.workspace.Progress that tells who listens and keeps one artifact a kind of work."""

    def __init__(self) -> None:
        self._artifacts: dict[str, UUID] = {}
        self._told_at: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        tell(what, done, total)
        now = time.monotonic()
        finished = total > 0 and done >= total
        if not finished and now - self._told_at.get(what, -_EVERY_S) < _EVERY_S:
            return
        self._told_at[what] = now
        self._publish(what, done, total)

    def _publish(self, what: str, done: int, total: int) -> None:
        share = 100.0 * done / total if total else 0.0
        note = f"{what}: {done} of {total}" if total else f"{what}: {done}"
        if what in self._artifacts:
            update_progress_artifact(self._artifacts[what], share, description=note)
        else:
            identity = create_progress_artifact(share, key=f"{what}-progress", description=note)
            if isinstance(identity, UUID):
                self._artifacts[what] = identity

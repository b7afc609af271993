"""Where the desk works and by which rules."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import db.said
import db.sessions
from rounds.workspace import Workspace

_ANYWAY_S = 300


@dataclass(frozen=True)
class Rules:
    """How the desk hands out work.

    `lease_s`: how long a clip stays with who opened it. `repeat_share`: the share of clips given
    that are hidden repeats, of clips judged at least `repeat_gap` clips before. `max_extra`: how
    many more judgements a clip gets, one by one, while those there disagree. `n_held`: how many
    clips one may have open (this one, and those loaded ahead). `link_s`: how long a link to a
    sound is good. `show_model` is "never", or "after" a clip was judged. `session_s`: how long
    one stays signed in without doing anything.
    `internal_webhooks`: whether webhooks may lead to this machine or its own network.
    `cache_bytes`: how much room sounds and pictures made for playing may take.
    `sound_origins`: pages of which other sites may play sounds they have links to.
    `calibration_clips`: how many gold clips an annotator judges before the first batch, and every
    `calibration_days` (0: no calibration); `calibration_pass`: the share of them to get right.
    """

    lease_s: float = 20 * 60
    repeat_share: float = 0.05
    repeat_gap: int = 8
    max_extra: int = 2
    n_held: int = 3
    n_context: int = 3
    link_s: float = 2 * 3600
    session_s: float = 12 * 3600
    invitation_s: float = 7 * 24 * 3600
    show_model: str = "never"
    internal_webhooks: bool = False
    cache_bytes: int = 2 << 30
    sound_origins: tuple[str, ...] = ()
    seed: int = 0
    calibration_clips: int = 0
    calibration_days: float = 30
    calibration_pass: float = 0.5


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _nobody(event: str, batch_id: str) -> None:
    """The listener of a desk that nobody listens to."""


def _nobody_fetches(project_id: int | None) -> bool:  # noqa: ARG001
    """The listener of a desk without a Label Studio."""
    return False


@dataclass(frozen=True, eq=False)
class Desk:
    """A workspace as a desk. `on_event` is told ("completed" or "disputed", batch) afterwards;
    `on_annotated` of projects in Label Studio where something was (None: in any), and answers
    whether that will be fetched."""

    workspace: Workspace
    rules: Rules = field(default_factory=Rules)
    clock: Callable[[], datetime] = _utc_now
    on_event: Callable[[str, str], None] = _nobody
    on_annotated: Callable[[int | None], bool] = _nobody_fetches
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    """(batch, annotator) -> how far their order is known to be used up: a hint for `giving`."""
    known: dict[tuple[str, str], tuple[Any, Any]] = field(default_factory=dict)
    """(what, of what) -> (as of which judgements, what was found): not to be worked out again."""
    calm: dict[str, datetime] = field(default_factory=dict)
    """Account -> until when nobody asks again whether a calibration is due."""

    def now(self) -> datetime:
        """The time, aware."""
        return self.clock()

    def after(self, seconds: float) -> datetime:
        """The time in so many seconds."""
        return self.clock() + timedelta(seconds=seconds)

    def as_of(self, tx: Any) -> tuple[int, ...]:
        """What changes when something is said or taken back; and now and then, for of two who say
        something at one moment the later number may be stored first."""
        return (*db.said.stamp(tx), int(self.now().timestamp()) // _ANYWAY_S)

    @cached_property
    def secret(self) -> bytes:
        """What links are signed with: made once, kept in the records."""
        with self.workspace.writing() as tx:
            fresh = secrets.token_hex(32)
            return bytes.fromhex(db.sessions.secret(tx, "links", fresh, self.now()))

    @cached_property
    def cache(self) -> Path:
        """Folder of the sounds and pictures that were made for playing; may be emptied."""
        folder = self.workspace.cache / "desk"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

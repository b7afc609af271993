"""What a source holds: entries that can come in, and what was refused and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LEVELS = ("phone", "word", "utterance", "turn")


class SourceError(ValueError):
    """A source that cannot be read at all; the message is one line."""


@dataclass(frozen=True)
class Metadata:
    """What is known of a recording; None where nothing is. `age` is in years.

    `gender` is female, male or other; `style` acted, spontaneous or conversational; `language` a
    tag such as "de" or "pt-br". The rest is text as it was found.
    """

    speaker: str | None = None
    gender: str | None = None
    age: float | None = None
    language: str | None = None
    dialect: str | None = None
    style: str | None = None
    session: str | None = None
    turn: str | None = None
    consent: str | None = None
    transcript: str | None = None


@dataclass(frozen=True)
class Entry:
    """A clip, or a segment of a recording, with what its source says of it. Not decoded yet.

    `uri` names the sound wherever it lies (an absolute path or a URL without credentials) and
    `path` a file that can be opened. `segment` is (start_s, end_s), None for the whole. `labels`
    are texts that the scheme accepts, by dimension. `where` says where in the source it stood.
    """

    uri: str
    path: Path
    segment: tuple[float, float] | None = None
    level: str = "utterance"
    metadata: Metadata = field(default_factory=Metadata)
    labels: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    corpus: str = ""


@dataclass(frozen=True)
class Rejected:
    """Something in a source that cannot come in. (`uri`, `where`) is the same at each reading
    until it is put right or the lines before it change; `reason` is one line."""

    uri: str
    where: str
    reason: str


class Reading(Iterator[Entry | Rejected]):
    """Entries and rejections in a fixed order, read as they are asked for.

    `notes` holds remarks on the source as a whole (columns ignored, labels unknown to the scheme);
    it is complete when the reading is.
    """

    def __init__(self, items: Iterator[Entry | Rejected], notes: list[str]) -> None:
        self._items = items
        self.notes = notes

    def __next__(self) -> Entry | Rejected:
        return next(self._items)

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
    """Something in a source that cannot come in; `reason` is one line.

    `uri` is the sound where it can be told, else the manifest, and always lies in the source.
    """

    uri: str
    where: str
    reason: str


class Reading(Iterator[Entry | Rejected]):
    """Entries and rejections in a fixed order, read as they are asked for.

    `notes` holds remarks on the source as a whole (columns ignored, labels unknown to the scheme);
    it is complete when the reading is.
    """

    def __init__(
        self, items: Iterator[Entry | Rejected], notes: list[str], *, uri: str, where: str
    ) -> None:
        self._items = items
        self._uri = uri
        self._where = where
        self.notes = notes

    def __next__(self) -> Entry | Rejected:
        return next(self._items)

    def owns(self, uri: str, where: str) -> bool:
        """Whether something refused at an earlier time was refused by a reading of this source.

        What it owns and did not refuse again by its end has been put right, or is gone.
        """
        root, inside = self._uri, uri
        if "://" in root:
            # In a chained URL (zip://a.wav::https://…/x.zip) the name stands before the tail.
            (root, _, tail), (inside, _, other) = root.partition("::"), uri.partition("::")
            if tail != other:
                return False
        here = inside == root or inside.startswith(root.rstrip("/") + "/")
        return here and (where == self._where or where.startswith(f"{self._where} line "))

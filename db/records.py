"""What the records give and take: plain values, never rows of the database.

Times are aware and in UTC. What is not known is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Recording:
    """A sound, known by its content. `speaker` is the name as it was given; `speaker_id` tells
    speakers apart: by corpus and name, or by a name of its own (`recording:<id>`) where nobody
    knows who speaks. Empty metadata is None."""

    id: str
    content_sha256: str
    uri: str
    path: str
    corpus: str
    duration_s: float
    sample_rate_hz: int
    n_channels: int
    speaker_id: str
    added_at: datetime
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
class Speaker:
    """Who speaks; `split` is "training", "held_out", or None until it is decided."""

    id: str
    gender: str | None = None
    age: float | None = None
    split: str | None = None


@dataclass(frozen=True)
class Segment:
    """A stretch of a recording, in seconds from its start; what is labelled.

    `level` is "phone", "word", "utterance" or "turn".
    """

    id: str
    recording_id: str
    start_s: float
    end_s: float
    level: str
    parent_id: str | None = None
    transcript: str | None = None


@dataclass(frozen=True)
class SourceFile:
    """A file as it was when it was last read, and the recording it turned out to hold.

    Several files may hold one recording. A file on no disk has no size and time.
    """

    uri: str
    corpus: str
    size: int | None = None
    mtime_ns: int | None = None
    recording_id: str | None = None
    file_sha256: str | None = None


@dataclass(frozen=True)
class ReferenceLabel:
    """A label that came with a corpus, apart from anything a round works with."""

    segment_id: str
    dimension: str
    value: str
    source: str


@dataclass(frozen=True)
class Added:
    """What came of storing judgements: ids that are new, known before, or in conflict (the same
    id with other content: the stored one stands)."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    conflicts: tuple[str, ...]


class Resolved(dict[str, str]):
    """Items as people name them: name -> segment id, for the names that fit one segment.

    `ambiguous` says of each name that fits several segments how many; `unknown` names fit none.
    """

    def __init__(
        self, found: Mapping[str, str], ambiguous: Mapping[str, int], unknown: tuple[str, ...]
    ) -> None:
        super().__init__(found)
        self.ambiguous = dict(ambiguous)
        self.unknown = unknown


@dataclass(frozen=True)
class Quarantined:
    """Something that could not be used: what, where it stood, why; `resolved_at` once put right."""

    uri: str
    where: str
    reason: str
    first_seen: datetime
    last_seen: datetime
    resolved_at: datetime | None
    corpus: str | None = None


@dataclass(frozen=True)
class Artifact:
    """A file or folder that can be made again, and what it was made from."""

    id: str
    kind: str
    version: str
    path: str
    n_rows: int
    made_from: Mapping[str, Any]
    created_at: datetime
    round_number: int | None = None


@dataclass(frozen=True)
class Round:
    """A round: "running" or "done", what it was asked to do and what it gave."""

    number: int
    seed: int
    state: str
    params: Mapping[str, Any]
    metrics: Mapping[str, Any]
    started_at: datetime
    finished_at: datetime | None
    mlflow_run_id: str | None = None


@dataclass(frozen=True)
class RoundStep:
    """A finished step of a round: what it gave, and how many seconds it took."""

    round_number: int
    step: str
    result: Mapping[str, Any]
    seconds: float
    finished_at: datetime


@dataclass(frozen=True)
class Lock:
    """Who holds a named lock, and until when."""

    name: str
    holder: str
    acquired_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Batch:
    """Segments sent out together: "open", "complete" once each has its judgements, or "closed".

    `overlap` is how many different experts are asked to judge each segment.
    """

    id: str
    round_number: int | None
    state: str
    n_items: int
    overlap: int
    created_at: datetime
    completed_at: datetime | None


class Said(NamedTuple):
    """The parts of a judgement (labels.judgements.Judgement) that statistics read. A tuple, for
    there may be very many."""

    id: str
    segment_id: str
    annotator: str
    role: str
    batch_id: str | None
    verdict: str | None
    purpose: str | None
    duration_s: float | None
    source: str
    note: str | None
    judged_at: datetime | None
    values: Mapping[str, str]


@dataclass(frozen=True)
class BatchItem:
    """A segment of a batch and why it is there; `purpose` is "query" or "evaluation".

    `n_extra` is how many judgements are asked for beyond the batch's overlap; negative where fewer
    are enough.
    """

    batch_id: str
    segment_id: str
    rank: int
    purpose: str
    reason: str
    score: float | None = None
    n_extra: int = 0


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is: segments, those judged by as many experts as it asks for, and the
    experts' judgements on its segments in all."""

    n_items: int
    n_judged: int
    n_judgements: int


@dataclass(frozen=True)
class ChampionMove:
    """A round's verdict on which model is champion, and the figures it rests on."""

    round_number: int
    from_version: str | None
    to_version: str | None
    metric: str
    old_score: float | None
    new_score: float | None
    reason: str
    moved: bool
    decided_at: datetime | None = None


@dataclass(frozen=True)
class AuditEntry:
    """Who did what to what, when."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]

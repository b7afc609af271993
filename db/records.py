"""What the records give and take: plain values, never rows of the database.

Times are aware and in UTC. What is not known is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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


@dataclass(frozen=True)
class BatchItem:
    """A segment of a batch and why it is there; `purpose` is "query" or "evaluation".

    `n_extra` is how many judgements are asked for beyond the batch's overlap.
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


@dataclass(frozen=True)
class Account:
    """Somebody who may use the desk. `role` is "annotator", "lead", "data scientist" or "admin".

    `name` is what they sign in with and what stands beside their judgements; it is never given
    to somebody else. `all_batches`: sees every batch, also those to come.
    """

    id: str
    name: str
    role: str
    created_at: datetime
    created_by: str
    all_batches: bool = False
    password_hash: str | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Invitation:
    """A link by which somebody becomes an account of this role, once, until it expires."""

    id: str
    token_sha256: str
    role: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    name: str | None = None
    all_batches: bool = False
    batches: tuple[str, ...] = ()
    used_at: datetime | None = None
    account_id: str | None = None


@dataclass(frozen=True)
class Session:
    """A browser that is signed in; only the hash of its cookie is kept."""

    token_sha256: str
    account_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class ApiToken:
    """A token for the API, acting as its account; only its hash is kept."""

    id: str
    account_id: str
    label: str
    token_sha256: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Lease:
    """A segment of a batch, out with somebody until `expires_at`.

    `outcome` is "judged", "returned", "expired", or None while it is out; `purpose` is "repeat"
    for a segment that they have judged before.
    """

    id: str
    batch_id: str
    segment_id: str
    account_id: str
    taken_at: datetime
    expires_at: datetime
    purpose: str | None = None
    ended_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class ItemState:
    """A segment of a batch as somebody who asks for work finds it.

    `n_judges` experts have judged it, `n_leases` others have it out, `n_wanted` are asked for;
    `mine`: the asker has judged it or has it out.
    """

    segment_id: str
    n_judges: int
    n_leases: int
    n_wanted: int
    mine: bool


@dataclass(frozen=True)
class Clip:
    """A segment as it is played: the file it lies in, and from where to where."""

    segment_id: str
    recording_id: str
    path: str
    start_s: float
    end_s: float
    sample_rate_hz: int
    speaker: str | None = None
    turn: str | None = None
    transcript: str | None = None


@dataclass(frozen=True)
class Guideline:
    """A version of what annotators are to go by, in Markdown."""

    version: int
    text: str
    remark: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class GuidelineExample:
    """A clip that shows an emotion as the guidelines mean it; `kind` is "typical" or
    "borderline"."""

    emotion: str
    segment_id: str
    kind: str
    remark: str


@dataclass(frozen=True)
class Adjudication:
    """A decision on a disputed segment, and why; the decision itself is a judgement."""

    id: str
    batch_id: str | None
    segment_id: str
    judgement_id: str
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Flag:
    """Something about an annotator that a lead should look at, until it is settled."""

    id: str
    account_id: str
    kind: str
    detail: Mapping[str, Any]
    raised_at: datetime
    settled_at: datetime | None = None
    settled_by: str | None = None


@dataclass(frozen=True)
class Calibration:
    """A session of gold clips that an annotator judges; `score` is the share they got right."""

    id: str
    account_id: str
    guideline_version: int | None
    started_at: datetime
    finished_at: datetime | None = None
    score: float | None = None
    passed: bool | None = None


@dataclass(frozen=True)
class CalibrationItem:
    """A clip of a session, what gold says of it, and what the annotator said."""

    calibration_id: str
    nth: int
    segment_id: str
    expected: Mapping[str, Any]
    judgement_id: str | None = None


@dataclass(frozen=True)
class Webhook:
    """An address that is told of events; `secret` signs what it is sent."""

    id: str
    url: str
    secret: str
    events: tuple[str, ...]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """An event on its way to a webhook: tried `n_tries` times, next at `next_try_at` (None: there
    or given up)."""

    id: str
    webhook_id: str
    event: str
    subject: str
    payload: Mapping[str, Any]
    created_at: datetime
    n_tries: int = 0
    next_try_at: datetime | None = None
    delivered_at: datetime | None = None
    last_error: str | None = None

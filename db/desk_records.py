"""What the records of the desk give and take: plain values, never rows of the database.

Times are aware and in UTC. What is not known is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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


@dataclass(frozen=True)
class LabelStudioProject:
    """A project in Label Studio that shows a batch. `id` also stands in its description there.

    `project_id` is None from before it is made until it is known to be; `guideline_version` is
    the one its people were last shown.
    """

    id: str
    batch_id: str
    url: str
    created_at: datetime
    project_id: int | None = None
    guideline_version: str | None = None
    ended_at: datetime | None = None

"""What the API takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["cannot tell", "bad audio"]
Role = Literal["annotator", "lead", "data scientist", "admin"]
Values = Annotated[dict[str, str | float], Field(max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Asked(BaseModel):
    """What somebody sends: words that mean nothing are an error."""

    model_config = ConfigDict(extra="forbid")


class Me(BaseModel):
    """Who asks; `csrf` is what a page of theirs sends back with whatever it changes."""

    name: str
    role: Role
    all_batches: bool
    csrf: str


class BatchOut(BaseModel):
    """A batch, how far it is, and how far the asker is in it."""

    id: str
    state: Literal["open", "complete", "closed"]
    round: int | None
    n_items: int
    overlap: int
    n_judged: int
    n_judgements: int
    n_mine: int
    created_at: datetime
    completed_at: datetime | None


class BatchPage(BaseModel):
    """Batches, the newest first; `next` is the `offset` of the following page."""

    items: list[BatchOut]
    total: int
    next: int | None


class Turn(BaseModel):
    """What was said before the clip."""

    audio: str
    speaker: str | None
    words: str | None
    duration_s: float


class ClipOut(BaseModel):
    """A clip that is open for the asker: links are good for a while."""

    lease: str
    batch: str
    segment: str
    duration_s: float
    audio: str
    picture: str
    words: str | None
    before: list[Turn]
    until: datetime


class NextIn(Asked):
    """Clips that the asker has loaded already: those are not given again."""

    besides: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=20)] = []


class NextOut(BaseModel):
    """The next clip, or why there is none; and how far the asker is."""

    clip: ClipOut | None
    reason: Literal["", "finished", "complete", "closed"]
    n_mine: int
    n_items: int


class MarkIn(Asked):
    """A stretch with a judgement of its own; seconds from the clip's start."""

    start_s: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    end_s: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    values: Values


class JudgementIn(Asked):
    """A judgement on an open clip. `key` is drawn once by who sends it: the same judgement sent
    again is stored once."""

    lease: Annotated[str, Field(min_length=1, max_length=64)]
    key: Annotated[str, Field(min_length=8, max_length=64, pattern="^[A-Za-z0-9-]+$")]
    values: Values = {}
    verdict: Verdict | None = None
    secondary: Annotated[list[Name], Field(max_length=10)] = []
    marks: Annotated[list[MarkIn], Field(max_length=50)] = []
    note: Annotated[str, Field(max_length=4000)] | None = None
    duration_s: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = None


class StoredOut(BaseModel):
    """It is on disk. `new` is false where it was there already. `prediction` is what the model
    thought of the clip, where the desk is set to tell that afterwards."""

    judgement: str
    new: bool
    completed: bool
    prediction: dict[str, float] | None


class JudgementOut(BaseModel):
    """A judgement as it is kept."""

    number: int
    id: str
    segment: str
    batch: str | None
    annotator: str
    role: str
    values: dict[str, str]
    verdict: str | None
    secondary: list[str]
    marks: list[dict[str, Any]]
    note: str | None
    guideline_version: str | None
    duration_s: float | None
    judged_at: datetime | None
    withdrawn: bool


class JudgementPage(BaseModel):
    """Judgements in the order they came; `next` is the `after` of the following page."""

    items: list[JudgementOut]
    next: int | None


class UndoneOut(BaseModel):
    """The clip, open again, and what had been said of it."""

    clip: ClipOut
    values: dict[str, str]
    verdict: str | None
    secondary: list[str]
    marks: list[dict[str, Any]]
    note: str | None


class OverlapIn(Asked):
    """How many different people are to judge each segment."""

    overlap: Annotated[int, Field(ge=1, le=100)]


class Done(BaseModel):
    """It is done."""

    done: bool = True


class InvitationIn(Asked):
    """Somebody to invite."""

    role: Role
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    all_batches: bool = False
    batches: Annotated[list[Name], Field(max_length=1000)] = []


class InvitationOut(BaseModel):
    """An invitation; its path is told once."""

    id: str
    path: str
    expires_at: datetime


class PersonOut(BaseModel):
    """An account."""

    name: str
    role: Role
    all_batches: bool
    batches: list[str]
    created_at: datetime
    revoked: bool


class People(BaseModel):
    """All accounts."""

    items: list[PersonOut]


class LogEntry(BaseModel):
    """Who did what to what, when."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


class LogPage(BaseModel):
    """Entries, the newest first; `next` is the `before` of the following page."""

    items: list[LogEntry]
    next: int | None

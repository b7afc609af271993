"""What the leads' part of the API takes and gives."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from annotation.desk.web.models import Asked, Values, Verdict


class ShareOut(BaseModel):
    """`n` of `of`, and the 95 % interval of the share."""

    n: int
    of: int
    low: float | None
    high: float | None


class AgreementOut(BaseModel):
    """Krippendorff's alpha with its 95 % interval."""

    name: str
    level: str
    n_segments: int
    alpha: float | None
    low: float | None
    high: float | None


class CalibratedOut(BaseModel):
    """A calibration that was finished: the share that was right, and whether that was enough."""

    score: float | None
    passed: bool | None
    at: datetime | None


class AnnotatorOut(BaseModel):
    """An annotator's work in a batch; `doubt` and `stuck` are "" where nothing is wrong."""

    name: str
    n_judged: int
    n_compared: int
    reliability: float | None
    low: float | None
    high: float | None
    with_gold: ShareOut
    steady: ShareOut
    cannot_tell: ShareOut
    median_s: float | None
    per_hour: float | None
    last_at: datetime | None
    calibration: CalibratedOut | None
    doubt: str
    doubt_kind: str
    stuck: str


class ReviewOut(BaseModel):
    """A batch as its lead sees it. `confusion`: rows and columns in the order of `emotions`."""

    batch: str
    state: str
    n_items: int
    n_judged: int
    n_judgements: int
    n_left: int
    per_day: float | None
    work_s: float | None
    done_at: datetime | None
    n_disputed: int
    n_decided: int
    dimensions: list[AgreementOut]
    emotions: list[AgreementOut]
    confusion: list[list[float]]
    annotators: list[AnnotatorOut]


class SaidOut(BaseModel):
    """What somebody said of a disputed segment."""

    annotator: str
    values: dict[str, str]
    verdict: str | None
    secondary: list[str]
    note: str | None


class DisputeOut(BaseModel):
    """A segment that waits for a decision."""

    batch: str
    segment: str
    judgements: list[SaidOut]


class Disputes(BaseModel):
    """Segments that wait for a decision; `next` is the `offset` of the following page."""

    total: int
    next: int | None

    items: list[DisputeOut]


class DecisionIn(Asked):
    """A decision: values with an emotion, or a verdict; always with a reason. `key` is drawn once
    by who sends it."""

    key: Annotated[str, Field(min_length=8, max_length=64, pattern="^[A-Za-z0-9-]+$")]
    values: Values = Field(default_factory=dict)
    verdict: Verdict | None = None
    reason: Annotated[str, Field(min_length=1, max_length=4000)]


class DecisionOut(BaseModel):
    """A decision as it is kept."""

    id: str
    judgement: str
    decided_by: str
    decided_at: datetime

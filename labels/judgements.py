"""A judgement: what one person said of one segment, once; kept forever, never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

ROLES = ("crowd", "expert", "adjudicator")
VERDICTS = ("cannot tell", "bad audio")
"""What a judgement may say instead of naming an emotion: nobody could tell, or it is no speech."""
PURPOSES = ("repeat", "calibration")
"""Why a judgement was asked for, where it was not for the label: it then never makes gold."""


class JudgementError(ValueError):
    """A judgement that cannot be kept; the message is one line."""


@dataclass(frozen=True)
class Mark:
    """A stretch of a segment with a judgement of its own; seconds from the segment's start.

    Raises JudgementError for a stretch that is none.
    """

    start_s: float
    end_s: float
    values: Mapping[str, str]

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s < float("inf"):
            raise JudgementError(f"a stretch from {self.start_s:g} s to {self.end_s:g} s is none")


@dataclass(frozen=True)
class Judgement:
    """What `annotator`, acting as `role`, said of a segment.

    `values` maps a dimension of the scheme to the parsed value's text (`Scheme.parse_value`): an
    emotion's name, basic or finer, or a number. Dimensions not judged are absent. `judged_at` is
    an aware time or None, `duration_s` the seconds it took, `source` how it came to us, such as
    "batch import", "votes.csv" or "reference:nemo". `verdict` is one of VERDICTS or None,
    `purpose` one of PURPOSES or None (for the label); `secondary` are emotions also heard, the
    stronger first, `marks` stretches judged by themselves.
    Raises JudgementError for a role, verdict or purpose that is none, a naive time or a negative
    duration.
    """

    id: str
    segment_id: str
    annotator: str
    role: str
    values: Mapping[str, str]
    batch_id: str | None = None
    guideline_version: str | None = None
    duration_s: float | None = None
    judged_at: datetime | None = None
    note: str | None = None
    source: str = ""
    verdict: str | None = None
    purpose: str | None = None
    secondary: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise JudgementError(
                f"judgement {self.id}: role {self.role!r} is not one of {', '.join(ROLES)}"
            )
        for name, value, known in (
            ("verdict", self.verdict, VERDICTS),
            ("purpose", self.purpose, PURPOSES),
        ):
            if value is not None and value not in known:
                raise JudgementError(
                    f"judgement {self.id}: {name} {value!r} is not one of {', '.join(known)}"
                )
        if self.judged_at is not None and self.judged_at.utcoffset() is None:
            raise JudgementError(
                f"judgement {self.id}: judged_at {self.judged_at.isoformat()} has no time zone"
            )
        if self.duration_s is not None and not self.duration_s >= 0:
            raise JudgementError(
                f"judgement {self.id}: duration_s {self.duration_s} is not 0 or more"
            )

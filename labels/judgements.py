"""A judgement: what one person said of one segment, once; kept forever, never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

ROLES = ("crowd", "expert", "adjudicator")


class JudgementError(ValueError):
    """A judgement that cannot be kept; the message is one line."""


@dataclass(frozen=True)
class Judgement:
    """What `annotator`, acting as `role`, said of a segment.

    `values` maps a dimension of the scheme to the parsed value's text (`Scheme.parse_value`): an
    emotion's name, basic or finer, or a number. Dimensions not judged are absent. `judged_at` is
    an aware time or None, `duration_s` the seconds it took, `source` how it came to us, such as
    "batch import", "votes.csv" or "reference:nemo".
    Raises JudgementError for a role that is none of ROLES, a naive time or a negative duration.
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

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise JudgementError(
                f"judgement {self.id}: role {self.role!r} is not one of {', '.join(ROLES)}"
            )
        if self.judged_at is not None and self.judged_at.utcoffset() is None:
            raise JudgementError(
                f"judgement {self.id}: judged_at {self.judged_at.isoformat()} has no time zone"
            )
        if self.duration_s is not None and not self.duration_s >= 0:
            raise JudgementError(
                f"judgement {self.id}: duration_s {self.duration_s} is not 0 or more"
            )

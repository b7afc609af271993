"""Calibration as JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from annotation.desk import calibrating, calibration_due
from annotation.desk.calibrating import Session
from annotation.desk.desk import Desk
from annotation.desk.links import link
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.models import Asked, Name, Verdict
from annotation.desk.web.problems import documented
from db.desk_records import Account

router = APIRouter(prefix="/api", tags=["calibration"], responses=documented())


class ClipToJudge(BaseModel):
    """A clip of a session; what is right is told once it is answered."""

    nth: int
    segment: str
    audio: str
    said: str
    right: str | None
    is_right: bool | None
    reason: str | None


class SessionOut(BaseModel):
    """A session; `next` is the number of the clip to judge now."""

    id: str
    guideline_version: int | None
    started_at: datetime
    finished_at: datetime | None
    score: float | None
    passed: bool | None
    next: int | None
    items: list[ClipToJudge]


class CalibrationOut(BaseModel):
    """Whether a calibration comes before the next clip, and the sessions so far."""

    due: bool
    sessions: list[SessionOut]


class AnswerIn(Asked):
    """An emotion of the scheme, or a verdict."""

    emotion: Name | None = None
    verdict: Verdict | None = None


@router.get("/calibration")
def get_calibration(desk: TheDesk, who: Who) -> CalibrationOut:
    """Whether one is due, and how the asker's sessions went."""
    return CalibrationOut(
        due=calibration_due.is_due(desk, who),
        sessions=[
            _out(desk, who, calibrating.session(desk, who, one.id))
            for one in calibrating.sessions(desk, who)
        ],
    )


@router.post("/calibration", status_code=201)
def start(desk: TheDesk, who: Who) -> SessionOut:
    """Begin a session, or go on with the one that is open."""
    return _out(desk, who, calibrating.start(desk, who))


@router.post("/calibration/{calibration_id}/{nth}", status_code=201, responses=documented(404))
def answer(
    desk: TheDesk,
    who: Who,
    calibration_id: str,
    nth: Annotated[int, Path(ge=1, lt=2**31)],
    asked: AnswerIn,
) -> SessionOut:
    """Judge a clip; the first answer stands."""
    session = calibrating.answer(
        desk, who, calibration_id, nth, emotion=asked.emotion, verdict=asked.verdict
    )
    return _out(desk, who, session)


def _out(desk: Desk, who: Account, session: Session) -> SessionOut:
    one = session.calibration
    return SessionOut(
        id=one.id,
        guideline_version=one.guideline_version,
        started_at=one.started_at,
        finished_at=one.finished_at,
        score=one.score,
        passed=one.passed,
        next=session.place,
        items=[
            ClipToJudge(
                nth=shown.item.nth,
                segment=shown.item.segment_id,
                audio=link(desk, "audio", shown.item.segment_id, who),
                said=shown.said,
                right=shown.item.expected["emotion"] if shown.said else None,
                is_right=shown.is_right if shown.said else None,
                reason=shown.item.expected["reason"] if shown.said else None,
            )
            for shown in session.items
        ],
    )

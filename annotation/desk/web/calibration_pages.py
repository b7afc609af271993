"""Calibration: judge a clip whose emotion is settled, and be told."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from annotation.desk import calibrating, calibration_due
from annotation.desk.desk import Desk
from annotation.desk.errors import DeskError, HiddenError
from annotation.desk.links import link
from annotation.desk.sound import warm_up
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render
from annotation.desk.web.scheme_form import emotions
from db.desk_records import Account

router = APIRouter(include_in_schema=False)

Nth = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("/calibration")
def overview(request: Request, desk: TheDesk, who: Who) -> Response:
    """Whether one is due, and how the earlier ones went."""
    return _overview(request, desk, who)


@router.post("/calibration")
def start(request: Request, desk: TheDesk, who: Who) -> Response:
    """Begin one, or go on with the one that is open."""
    warm_up()
    try:
        session = calibrating.start(desk, who)
    except DeskError as error:
        return _overview(request, desk, who, error.status, str(error))
    return RedirectResponse(f"/calibration/{session.calibration.id}/{session.place or 1}", 303)


@router.get("/calibration/{calibration_id}/{nth}")
def clip(request: Request, desk: TheDesk, who: Who, calibration_id: str, nth: Nth) -> Response:
    """A clip: to judge, or with what was said and what is right."""
    return _clip(request, desk, who, calibration_id, nth)


@router.post("/calibration/{calibration_id}/{nth}")
def answer(
    request: Request,
    desk: TheDesk,
    who: Who,
    calibration_id: str,
    nth: Nth,
    choice: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Judge it."""
    kind, _, value = choice.partition(":")
    try:
        calibrating.answer(
            desk,
            who,
            calibration_id,
            nth,
            emotion=value if kind == "emotion" else None,
            verdict=value if kind == "verdict" else None,
        )
    except HiddenError:
        raise
    except DeskError as error:
        return _clip(request, desk, who, calibration_id, nth, str(error))
    return RedirectResponse(f"/calibration/{calibration_id}/{nth}", 303)


def _overview(
    request: Request, desk: Desk, who: Account, status: int = 200, problem: str = ""
) -> Response:
    old = calibrating.sessions(desk, who)
    with desk.workspace.reading() as tx:
        n_clips = len(calibration_due.clips_for(desk, tx, who))
    return render(
        request,
        "calibration.html",
        status,
        sessions=old[::-1],
        open_=next((one for one in old if one.finished_at is None), None),
        is_due=calibration_due.is_due(desk, who),
        may_start=desk.rules.calibration_clips > 0 and calibration_due.has_enough(desk, n_clips),
        n_clips=min(n_clips, desk.rules.calibration_clips),
        rules=desk.rules,
        problem=problem,
    )


def _clip(
    request: Request,
    desk: Desk,
    who: Account,
    calibration_id: str,
    nth: int,
    problem: str = "",
) -> Response:
    session = calibrating.session(desk, who, calibration_id)
    if nth > len(session.items):
        raise HiddenError(f"this calibration has no clip {nth}")
    shown = session.items[nth - 1]
    return render(
        request,
        "calibrate.html",
        422 if problem else 200,
        session=session,
        shown=shown,
        audio=link(desk, "audio", shown.item.segment_id, who),
        picture=link(desk, "picture", shown.item.segment_id, who),
        emotions=emotions(desk.workspace.scheme),
        n_right=sum(one.is_right for one in session.items),
        problem=problem,
    )

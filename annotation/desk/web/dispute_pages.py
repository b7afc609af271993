"""Adjudication: the queue of disputed segments, and the page where one is decided."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

import db.adjudications
from annotation.desk import adjudicating
from annotation.desk.desk import Desk
from annotation.desk.disputes import Case, disputed, waiting
from annotation.desk.errors import DeskError
from annotation.desk.links import link
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render
from annotation.desk.web.scheme_form import emotions, scales
from db.desk_records import Account

router = APIRouter(include_in_schema=False)

_LATELY = 50
_SHOWN = 300


@router.get("/disputes")
def queue(request: Request, desk: TheDesk) -> Response:
    """What waits for a decision, and what was decided lately."""
    with desk.workspace.reading() as tx:
        decisions = db.adjudications.list_decisions(tx)
    scheme = desk.workspace.scheme
    return render(
        request,
        "disputes.html",
        disputes=disputed(desk, limit=_SHOWN),
        n_waiting=sum(map(len, waiting(desk).values())),
        said=lambda one: _words(one, scheme),
        decisions=decisions[: -_LATELY - 1 : -1],
        n_decided=len(decisions),
    )


@router.get("/disputes/{batch_id}/{segment_id}")
def decide_page(
    request: Request, desk: TheDesk, who: Who, batch_id: str, segment_id: str
) -> Response:
    """A segment, all that was said of it, and the form of the decision."""
    return _page(request, desk, who, adjudicating.case(desk, batch_id, segment_id))


@router.post("/disputes/{batch_id}/{segment_id}")
async def decide(
    request: Request, desk: TheDesk, who: Who, batch_id: str, segment_id: str
) -> Response:
    """Decide; then on to the next one that waits."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_decide, request, desk, who, batch_id, segment_id, form)


def _decide(
    request: Request,
    desk: Desk,
    who: Account,
    batch_id: str,
    segment_id: str,
    form: dict[str, str],
) -> Response:
    found = adjudicating.case(desk, batch_id, segment_id)
    choice = form.get("choice", "")
    kind, _, value = choice.partition(":")
    values = {
        name.removeprefix("scale-"): rating
        for name, rating in form.items()
        if name.startswith("scale-") and rating
    }
    if kind == "emotion":
        values["emotion"] = value
    try:
        adjudicating.decide(
            desk,
            who,
            batch_id,
            segment_id,
            key=form.get("key", ""),
            values=values,
            verdict=value if kind == "verdict" else None,
            reason=form.get("reason", ""),
        )
    except DeskError as error:
        if error.status != 422:
            raise
        return _page(request, desk, who, found, str(error), form)
    others = waiting(desk, batch_id)[batch_id]
    if others:
        return RedirectResponse(_address(batch_id, others[0]), 303)
    return RedirectResponse("/disputes", 303)


def _page(
    request: Request,
    desk: Desk,
    who: Account,
    case: Case,
    problem: str = "",
    given: dict[str, str] | None = None,
) -> Response:
    scheme = desk.workspace.scheme
    others = waiting(desk, case.batch_id)[case.batch_id]
    return render(
        request,
        "adjudicate.html",
        422 if problem else 200,
        case=case,
        n_waiting=len(others),
        is_waiting=case.clip.segment_id in others,
        audio=link(desk, "audio", case.clip.segment_id, who),
        picture=link(desk, "picture", case.clip.segment_id, who),
        before=[(one, link(desk, "audio", one.segment_id, who)) for one in case.before],
        said=lambda one: _words(one, scheme),
        emotions=emotions(scheme),
        scales=scales(scheme),
        key=(given or {}).get("key") or adjudicating.new_key(),
        given={"choice": "", **(given or {})},
        problem=problem,
    )


def _words(one: Any, scheme: Any) -> str:
    """What a judgement says, in a few words: "frustration (anger), also fear"."""
    if one.verdict is not None:
        words = str(one.verdict)
    else:
        named = one.values.get("emotion", "no emotion")
        try:
            basic = scheme.basic(named)
        except ValueError:
            basic = named
        words = named if basic == named else f"{named} ({basic})"
    return words + (f", also {', '.join(one.secondary)}" if one.secondary else "")


def _address(batch_id: str, segment_id: str) -> str:
    return f"/disputes/{quote(batch_id, safe='')}/{quote(segment_id, safe='')}"

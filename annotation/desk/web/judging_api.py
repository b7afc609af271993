"""Clips and judgements through the API: what the judging page itself uses."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

import db.grants
import db.judgements
from annotation.desk import giving, judging
from annotation.desk.desk import Desk
from annotation.desk.prediction import prediction_after
from annotation.desk.progress import place_of
from annotation.desk.web.clips import clip_out
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.lanes import run
from annotation.desk.web.models import (
    Done,
    JudgementIn,
    JudgementOut,
    JudgementPage,
    NextIn,
    NextOut,
    StoredOut,
    UndoneOut,
)
from annotation.desk.web.problems import documented
from db.desk_records import Account
from labels.judgements import Judgement, JudgementError, Mark

router = APIRouter(prefix="/api", tags=["judging"], responses=documented())


@router.post("/batches/{batch_id}/next", responses=documented(404))
async def next_clip(
    request: Request, desk: TheDesk, who: Who, batch_id: str, asked: NextIn
) -> NextOut:
    """The clip to judge now; it is held for the asker for a while.

    A clip that is open comes first, except those in `besides`.
    """
    return await run(request.app.state.lanes.give, _next, desk, who, batch_id, asked)


@router.post(
    "/judgements",
    status_code=201,
    responses={
        200: {"model": StoredOut, "description": "It was there already."},
        **documented(404, 409),
    },
)
async def submit(
    request: Request, response: Response, desk: TheDesk, who: Who, asked: JudgementIn
) -> StoredOut:
    """Store a judgement: with the answer it is on disk."""
    said = _said(asked)
    stored = await run(request.app.state.lanes.store, judging.submit, desk, who, said)
    thought = None
    if desk.rules.show_model == "after":
        thought = await run(
            request.app.state.lanes.give,
            prediction_after,
            desk,
            stored.batch_id,
            stored.segment_id,
        )
    response.status_code = 201 if stored.new else 200
    return StoredOut(
        judgement=stored.judgement_id,
        new=stored.new,
        completed=stored.completed,
        prediction=thought,
    )


@router.get("/judgements")
def list_judgements(
    desk: TheDesk,
    who: Who,
    batch: Annotated[str | None, Query(max_length=200)] = None,
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> JudgementPage:
    """Judgements in the order they came: an annotator's own, everybody's for the others."""
    with desk.workspace.reading() as tx:
        mine = who.name if who.role == "annotator" else None
        batches = None if batch is None else [batch]
        found = db.judgements.page(
            tx, limit=limit + 1, after=after, annotator=mine, batches=batches
        )
        withdrawn = db.judgements.withdrawn(tx, [one.id for _, one in found])
    items = [_out(number, one, one.id in withdrawn) for number, one in found[:limit]]
    return JudgementPage(items=items, next=items[-1].number if len(found) > limit else None)


@router.post("/batches/{batch_id}/undo", responses=documented(404))
def undo(desk: TheDesk, who: Who, batch_id: str) -> UndoneOut:
    """Take back the asker's last judgement in a batch; its clip is open again."""
    given, last = judging.undo(desk, who, batch_id)
    return UndoneOut(
        clip=clip_out(desk, who, given),
        values=dict(last.values),
        verdict=last.verdict,
        secondary=list(last.secondary),
        marks=_marks(last),
        note=last.note,
    )


@router.post("/leases/{lease_id}/return", responses=documented(404))
def give_back(desk: TheDesk, who: Who, lease_id: str) -> Done:
    """Let somebody else have an open clip."""
    return Done(done=giving.give_back(desk, who, lease_id))


def _next(desk: Desk, who: Account, batch_id: str, asked: NextIn) -> NextOut:
    given = giving.next_clip(desk, who, batch_id, asked.besides)
    place = place_of(desk, who, batch_id)
    reason = "" if given else ("finished" if place.state == "open" else place.state)
    return NextOut(
        clip=None if given is None else clip_out(desk, who, given),
        reason=reason,
        n_mine=place.n_mine,
        n_items=place.n_items,
    )


def _said(asked: JudgementIn) -> judging.Said:
    try:
        marks = [Mark(m.start_s, m.end_s, _texts(m.values)) for m in asked.marks]
    except JudgementError as error:
        raise judging.DeskError(str(error)) from error
    return judging.Said(
        lease_id=asked.lease,
        key=asked.key,
        values=_texts(asked.values),
        verdict=asked.verdict,
        secondary=asked.secondary,
        marks=marks,
        note=asked.note,
        duration_s=asked.duration_s,
    )


def _texts(values: dict[str, str | float]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def _marks(one: Judgement) -> list[dict[str, Any]]:
    return [
        {"start_s": mark.start_s, "end_s": mark.end_s, "values": dict(mark.values)}
        for mark in one.marks
    ]


def _out(number: int, one: Judgement, withdrawn: bool) -> JudgementOut:
    return JudgementOut(
        number=number,
        id=one.id,
        segment=one.segment_id,
        batch=one.batch_id,
        annotator=one.annotator,
        role=one.role,
        values=dict(one.values),
        verdict=one.verdict,
        secondary=list(one.secondary),
        marks=_marks(one),
        note=one.note,
        guideline_version=one.guideline_version,
        duration_s=one.duration_s,
        judged_at=one.judged_at,
        withdrawn=withdrawn,
    )

"""Batches through the API."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

import db.audit
import db.batches
from annotation.desk import people
from annotation.desk.progress import BatchView, batch_of, batches_of
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.models import BatchOut, BatchPage, Done, Me, OverlapIn
from annotation.desk.web.problems import documented

router = APIRouter(prefix="/api", tags=["batches"], responses=documented())


@router.get("/me")
def me(request: Request, who: Who) -> Me:
    """Who asks."""
    csrf = request.state.csrf
    return Me(name=who.name, role=who.role, all_batches=who.all_batches, csrf=csrf)


@router.get("/batches")
def list_batches(
    desk: TheDesk,
    who: Who,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> BatchPage:
    """The batches that the asker may see, the newest first."""
    views = batches_of(desk, who)
    page = views[offset : offset + limit]
    more = offset + limit if offset + limit < len(views) else None
    return BatchPage(items=[_out(view) for view in page], total=len(views), next=more)


@router.get("/batches/{batch_id}", responses=documented(404))
def get_batch(desk: TheDesk, who: Who, batch_id: str) -> BatchOut:
    """A batch."""
    return _out(batch_of(desk, who, batch_id))


@router.put("/batches/{batch_id}/overlap", responses=documented(404))
def set_overlap(desk: TheDesk, who: Who, batch_id: str, asked: OverlapIn) -> BatchOut:
    """Ask for another number of judgements a segment."""
    batch_of(desk, who, batch_id)
    with desk.workspace.writing() as tx:
        db.batches.set_overlap(tx, batch_id, asked.overlap)
        detail = {"overlap": asked.overlap}
        db.audit.note(tx, actor=who.name, action="set overlap", subject=batch_id, detail=detail)
    return _out(batch_of(desk, who, batch_id))


@router.put("/batches/{batch_id}/people/{name}", responses=documented(404))
def grant(desk: TheDesk, who: Who, batch_id: str, name: str) -> Done:
    """Let somebody see a batch."""
    people.grant(desk, who.name, batch_id, name)
    return Done()


@router.delete("/batches/{batch_id}/people/{name}", responses=documented(404))
def take_back(desk: TheDesk, who: Who, batch_id: str, name: str) -> Done:
    """Let somebody see a batch no more."""
    people.take_back(desk, who.name, batch_id, name)
    return Done()


def _out(view: BatchView) -> BatchOut:
    batch, progress = view.batch, view.progress
    return BatchOut(
        id=batch.id,
        state=batch.state,
        round=batch.round_number,
        n_items=batch.n_items,
        overlap=batch.overlap,
        n_judged=progress.n_judged,
        n_judgements=progress.n_judgements,
        n_mine=view.n_mine,
        created_at=batch.created_at,
        completed_at=batch.completed_at,
    )

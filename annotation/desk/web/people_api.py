"""People, the scheme and the log through the API."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

import db.accounts
import db.audit
import db.grants
from annotation.desk import people
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.models import (
    Done,
    InvitationIn,
    InvitationOut,
    LogEntry,
    LogPage,
    People,
    PersonOut,
)
from annotation.desk.web.people_pages import check_invited
from annotation.desk.web.problems import documented

router = APIRouter(prefix="/api", tags=["people"], responses=documented())


@router.get("/scheme")
def scheme(desk: TheDesk) -> dict[str, Any]:
    """The emotions (first tier, and what lies below each) and the scales."""
    known = desk.workspace.scheme
    return {
        "name": known.name,
        "version": known.version,
        "emotions": [{"name": one.name, "finer": list(one.finer)} for one in known.emotions],
        "scales": [
            {"name": one.name, "low": one.low, "high": one.high, "n_steps": one.n_bins}
            for one in known.scales
        ],
    }


@router.get("/people")
def list_people(desk: TheDesk) -> People:
    """All accounts."""
    with desk.workspace.reading() as tx:
        accounts = db.accounts.list_accounts(tx)
        given = {one.id: db.grants.grants_of(tx, one.id) for one in accounts}
    return People(
        items=[
            PersonOut(
                name=one.name,
                role=one.role,
                all_batches=db.grants.sees_all(one),
                batches=given[one.id],
                created_at=one.created_at,
                revoked=one.revoked_at is not None,
            )
            for one in accounts
        ]
    )


@router.post("/people/invitations", status_code=201, responses=documented(404, 409))
def invite(desk: TheDesk, who: Who, asked: InvitationIn) -> InvitationOut:
    """Invite somebody. The path is to be sent to them; it is told once."""
    check_invited(who, asked.role)
    one, token = people.invite(
        desk,
        who.name,
        asked.role,
        name=asked.name,
        all_batches=asked.all_batches,
        batches=asked.batches,
    )
    return InvitationOut(id=one.id, path=f"/invitation/{token}", expires_at=one.expires_at)


@router.post("/people/{name}/revoke", responses=documented(404))
def revoke(desk: TheDesk, who: Who, name: str) -> Done:
    """End an account."""
    people.revoke(desk, who.name, name)
    return Done()


@router.get("/log")
def log(
    desk: TheDesk,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> LogPage:
    """Who did what, the newest first."""
    with desk.workspace.reading() as tx:
        rows = db.audit.page(tx, limit=limit + 1, before=before)
    items = [
        LogEntry(
            number=number,
            at=one.at,
            actor=one.actor,
            action=one.action,
            subject=one.subject,
            detail=dict(one.detail),
        )
        for number, one in rows[:limit]
    ]
    return LogPage(items=items, next=items[-1].number if len(rows) > limit else None)

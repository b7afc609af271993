"""Webhooks: who is told of what, and what became of it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

import db.webhooks
from annotation.desk import webhooks
from annotation.desk.desk import Desk
from annotation.desk.errors import DeskError
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render
from db.desk_records import Webhook

router = APIRouter(include_in_schema=False)

_ROWS = 100


@router.get("/webhooks")
def page(request: Request, desk: TheDesk) -> Response:
    """The page."""
    return _page(request, desk)


@router.post("/webhooks")
def add(
    request: Request,
    desk: TheDesk,
    who: Who,
    url: Annotated[str, Form(max_length=2000)] = "",
    events: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Add one; its secret is shown once, here."""
    try:
        made = webhooks.add(desk, who, url, events)
    except DeskError as error:
        return _page(request, desk, status=error.status, problem=str(error), url=url)
    return _page(request, desk, made=made)


@router.post("/webhooks/{webhook_id}/remove")
def remove(desk: TheDesk, who: Who, webhook_id: str) -> Response:
    """Remove one."""
    webhooks.remove(desk, who, webhook_id)
    return RedirectResponse("/webhooks", 303)


def _page(
    request: Request,
    desk: Desk,
    *,
    status: int = 200,
    problem: str = "",
    url: str = "",
    made: Webhook | None = None,
) -> Response:
    with desk.workspace.reading() as tx:
        hooks = db.webhooks.list_webhooks(tx)
        deliveries = db.webhooks.deliveries(tx, _ROWS)
    return render(
        request,
        "webhooks.html",
        status,
        hooks=[one for one in hooks if one.revoked_at is None],
        urls={one.id: one.url for one in hooks},
        deliveries=deliveries,
        events=webhooks.EVENTS,
        problem=problem,
        url=url,
        made=made,
    )

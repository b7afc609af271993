"""Webhooks as JSON."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

import db.webhooks
from annotation.desk import webhooks
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.models import Asked, Done
from annotation.desk.web.problems import documented

router = APIRouter(prefix="/api", tags=["webhooks"], responses=documented())

Event = Literal["published", "completed", "disputed"]


class WebhookIn(Asked):
    """An address, and what it is told of."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    events: Annotated[list[Event], Field(min_length=1, max_length=3)]


class WebhookOut(BaseModel):
    """A webhook; its secret is told once, when it is made."""

    id: str
    url: str
    events: list[str]
    created_by: str
    created_at: datetime
    secret: str | None = None


class Webhooks(BaseModel):
    """Webhooks, oldest first."""

    items: list[WebhookOut]


class DeliveryOut(BaseModel):
    """An event on its way, or there."""

    id: str
    webhook: str
    event: str
    subject: str
    payload: dict[str, Any]
    created_at: datetime
    n_tries: int
    next_try_at: datetime | None
    delivered_at: datetime | None
    last_error: str | None


class Deliveries(BaseModel):
    """Deliveries, the newest first."""

    items: list[DeliveryOut]


@router.get("/webhooks")
def list_webhooks(desk: TheDesk) -> Webhooks:
    """All webhooks."""
    with desk.workspace.reading() as tx:
        return Webhooks(
            items=[_out(one) for one in db.webhooks.list_webhooks(tx, active_only=True)]
        )


@router.post("/webhooks", status_code=201)
def add(desk: TheDesk, who: Who, asked: WebhookIn) -> WebhookOut:
    """Add one."""
    made = webhooks.add(desk, who, asked.url, asked.events)
    return _out(made, made.secret)


@router.delete("/webhooks/{webhook_id}", responses=documented(404))
def remove(desk: TheDesk, who: Who, webhook_id: str) -> Done:
    """Remove one; what is on its way to it is given up."""
    webhooks.remove(desk, who, webhook_id)
    return Done()


@router.get("/deliveries")
def list_deliveries(desk: TheDesk, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Deliveries:
    """The latest deliveries."""
    with desk.workspace.reading() as tx:
        found = db.webhooks.deliveries(tx, limit)
    return Deliveries(
        items=[
            DeliveryOut(
                id=one.id,
                webhook=one.webhook_id,
                event=one.event,
                subject=one.subject,
                payload=dict(one.payload),
                created_at=one.created_at,
                n_tries=one.n_tries,
                next_try_at=one.next_try_at,
                delivered_at=one.delivered_at,
                last_error=one.last_error,
            )
            for one in found
        ]
    )


def _out(one: Any, secret: str | None = None) -> WebhookOut:
    return WebhookOut(
        id=one.id,
        url=one.url,
        events=list(one.events),
        created_by=one.created_by,
        created_at=one.created_at,
        secret=secret,
    )

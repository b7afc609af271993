"""Addresses that are told of events, and what is on its way to them."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Delivery, Webhook
from db.inserting import insert_new
from db.schema import webhook, webhook_delivery

_COLUMNS = [webhook.c[name] for name in Webhook.__dataclass_fields__]
_DELIVERY = [webhook_delivery.c[name] for name in Delivery.__dataclass_fields__]


def add(tx: Connection, one: Webhook) -> None:
    """Store a webhook."""
    tx.execute(sa.insert(webhook).values({**vars(one), "events": list(one.events)}))


def list_webhooks(tx: Connection, *, active_only: bool = False) -> list[Webhook]:
    """Webhooks, oldest first."""
    query = sa.select(*_COLUMNS).order_by(webhook.c.created_at, webhook.c.id)
    if active_only:
        query = query.where(webhook.c.revoked_at.is_(None))
    return [Webhook(**{**row._mapping, "events": tuple(row.events)}) for row in tx.execute(query)]


def revoke(tx: Connection, identity: str, at: datetime) -> bool:
    """End a webhook, and what is on its way to it; whether there was one."""
    mine = (webhook.c.id == identity, webhook.c.revoked_at.is_(None))
    if not tx.execute(sa.update(webhook).where(*mine).values(revoked_at=at)).rowcount:
        return False
    waiting = (
        webhook_delivery.c.webhook_id == identity,
        webhook_delivery.c.delivered_at.is_(None),
    )
    given_up = {"next_try_at": None, "last_error": "the webhook was removed"}
    tx.execute(sa.update(webhook_delivery).where(*waiting).values(**given_up))
    return True


def queue(tx: Connection, deliveries: Sequence[Delivery]) -> int:
    """Store deliveries that are new: an event of a subject goes to a webhook once. How many."""
    return len(insert_new(tx, webhook_delivery, [vars(one) for one in deliveries]))


def subjects(tx: Connection, webhook_id: str) -> set[tuple[str, str]]:
    """(event, subject) of all that a webhook was told, or is to be."""
    mine = webhook_delivery.c.webhook_id == webhook_id
    query = sa.select(webhook_delivery.c.event, webhook_delivery.c.subject).where(mine)
    return {(row.event, row.subject) for row in tx.execute(query)}


def due(tx: Connection, now: datetime, n: int) -> list[Delivery]:
    """Up to `n` deliveries to try now, the longest due first."""
    query = (
        sa.select(*_DELIVERY)
        .where(webhook_delivery.c.next_try_at <= now)
        .order_by(webhook_delivery.c.next_try_at, webhook_delivery.c.id)
        .limit(n)
    )
    return [Delivery(**row._mapping) for row in tx.execute(query)]


def claim(tx: Connection, one: Delivery, until: datetime) -> bool:
    """Hold a due delivery until then, so that nobody else tries it; whether it was free."""
    mine = (
        webhook_delivery.c.id == one.id,
        webhook_delivery.c.next_try_at == one.next_try_at,
    )
    values = {"next_try_at": until, "n_tries": one.n_tries + 1}
    return bool(tx.execute(sa.update(webhook_delivery).where(*mine).values(**values)).rowcount)


def settle(
    tx: Connection,
    identity: str,
    *,
    delivered_at: datetime | None,
    next_try_at: datetime | None,
    last_error: str | None,
) -> None:
    """Say what came of a try."""
    values = {
        "delivered_at": delivered_at,
        "next_try_at": next_try_at,
        "last_error": last_error,
    }
    tx.execute(
        sa.update(webhook_delivery).where(webhook_delivery.c.id == identity).values(**values)
    )


def deliveries(tx: Connection, n: int) -> list[Delivery]:
    """The latest deliveries, the newest first."""
    query = sa.select(*_DELIVERY).order_by(
        webhook_delivery.c.created_at.desc(), webhook_delivery.c.id
    )
    return [Delivery(**row._mapping) for row in tx.execute(query.limit(n))]

"""Webhooks: addresses that are told, signed, when a batch is published, completed or disputed.

What is to be told is read off the records, not kept in memory: an event that happened while the
desk was down, or in another process, is told when the desk looks again. Each is told at least
once, and tried again for two days.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import db.audit
import db.batches
import db.webhooks
from annotation.desk.desk import Desk
from annotation.desk.disputes import told_at
from annotation.desk.errors import DeskError, NotFoundError
from annotation.desk.sending import SendError, inner, post, refusal
from db.desk_records import Account, Delivery, Webhook
from db.records import Batch

EVENTS = ("published", "completed", "disputed")
WAITS_S = (30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
"""How long until the next try, after the first, the second, …; then it is given up."""
_CLAIM_S = 60
_AT_ONCE = 20


def add(desk: Desk, who: Account, url: str, events: Sequence[str]) -> Webhook:
    """A new webhook, with a secret to check signatures by. Raises DeskError for a bad address or
    event, and for an address inside the desk's own network, unless the rules allow that."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or len(url) > 2000 or any(c.isspace() or not c.isprintable() for c in url):
        raise DeskError(f"{url[:100]!r} is not an address like https://example.org/hook")
    if parts.username or parts.password:
        raise DeskError("an address with a password in it would stand in the log: leave it out")
    if not desk.rules.internal_webhooks and (inside := inner(parts.hostname or "")):
        raise DeskError(refusal(inside))
    unknown = [one for one in events if one not in EVENTS]
    if unknown or not events:
        raise DeskError(f"events are some of {', '.join(EVENTS)}")
    one = Webhook(
        id=secrets.token_hex(8),
        url=url,
        secret=secrets.token_urlsafe(32),
        events=tuple(name for name in EVENTS if name in events),
        created_by=who.name,
        created_at=desk.now(),
    )
    with desk.workspace.writing() as tx:
        db.webhooks.add(tx, one)
        detail = {"url": url, "events": list(one.events)}
        db.audit.note(tx, actor=who.name, action="add webhook", subject=one.id, detail=detail)
    return one


def remove(desk: Desk, who: Account, webhook_id: str) -> None:
    """End a webhook. Raises NotFoundError."""
    with desk.workspace.writing() as tx:
        if not db.webhooks.revoke(tx, webhook_id, desk.now()):
            raise NotFoundError(f"there is no webhook {webhook_id!r}")
        db.audit.note(tx, actor=who.name, action="remove webhook", subject=webhook_id)


def look(desk: Desk, looked: set[str] | None = None) -> int:
    """Put what has happened since on its way; how many deliveries that made.

    `looked` are batches, completed at a time, whose disputes are known to be told: they are not
    read again, and those looked at now are added.
    """
    done: set[str] = set() if looked is None else looked
    with desk.workspace.reading() as tx:
        hooks = db.webhooks.list_webhooks(tx, active_only=True)
        if not hooks:
            return 0
        told = {hook.id: db.webhooks.subjects(tx, hook.id) for hook in hooks}
        batches = db.batches.list_batches(tx)
        happened = [event for batch in batches for event in _events(desk, tx, batch, done)]
    fresh = [
        _delivery(desk, hook, event, subject, payload)
        for hook in hooks
        for event, subject, payload, at in happened
        # What was before the webhook is not told.
        if event in hook.events and (event, subject) not in told[hook.id] and at >= hook.created_at
    ]
    n_new = 0
    if fresh:
        with desk.workspace.writing() as tx:
            n_new = db.webhooks.queue(tx, fresh)
    done |= {_completion(batch) for batch in batches if batch.completed_at is not None}
    return n_new


def send_due(desk: Desk) -> int:
    """Try what is due now; how many arrived."""
    with desk.workspace.reading() as tx:
        waiting = db.webhooks.due(tx, desk.now(), _AT_ONCE)
        hooks = {hook.id: hook for hook in db.webhooks.list_webhooks(tx)}
    n_arrived = 0
    for one in waiting:
        with desk.workspace.writing() as tx:
            if not db.webhooks.claim(tx, one, desk.after(_CLAIM_S)):
                continue
        n_arrived += _try(desk, hooks[one.webhook_id], one)
    return n_arrived


def signature(secret: str, sent_at: int, body: bytes) -> str:
    """What stands in `X-Undertone-Signature`: v1= and the HMAC-SHA256 of "<time>.<body>".

    Whoever receives it computes the same with the secret, and refuses what is too old.
    """
    said = str(sent_at).encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()}"


def _try(desk: Desk, hook: Webhook, one: Delivery) -> bool:
    """Send a delivery once; whether it arrived."""
    body = json.dumps(dict(one.payload), ensure_ascii=False, sort_keys=True).encode()
    sent_at = int(desk.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "undertone",
        "X-Undertone-Event": one.event,
        "X-Undertone-Delivery": one.id,
        "X-Undertone-Time": str(sent_at),
        "X-Undertone-Signature": signature(hook.secret, sent_at, body),
    }
    try:
        post(hook.url, body, headers, internal=desk.rules.internal_webhooks)
        error = None
    except SendError as failure:
        error = str(failure)
    now, n_tries = desk.now(), one.n_tries + 1
    again = None
    if error is not None and n_tries <= len(WAITS_S):
        again = now + timedelta(seconds=WAITS_S[n_tries - 1])
    with desk.workspace.writing() as tx:
        db.webhooks.settle(
            tx,
            one.id,
            delivered_at=None if error else now,
            next_try_at=again,
            last_error=error,
        )
        detail = {"event": one.event, "subject": one.subject, "try": n_tries, "error": error}
        action = "deliver webhook" if error is None else "fail webhook"
        db.audit.note(tx, actor="desk", action=action, subject=hook.id, detail=detail)
    return error is None


def _delivery(
    desk: Desk, hook: Webhook, event: str, subject: str, payload: dict[str, Any]
) -> Delivery:
    now = desk.now()
    said = {"event": event, "at": now.isoformat(), **payload}
    return Delivery(secrets.token_hex(8), hook.id, event, subject, said, now, 0, now)


def _events(
    desk: Desk, tx: Any, batch: Batch, looked: set[str]
) -> list[tuple[str, str, dict[str, Any], datetime]]:
    """(event, subject, payload, when) of all that has happened to a batch."""
    about = {
        "batch": batch.id,
        "round": batch.round_number,
        "n_items": batch.n_items,
        "overlap": batch.overlap,
    }
    found: list[tuple[str, str, dict[str, Any], datetime]] = [
        ("published", batch.id, about, batch.created_at)
    ]
    if batch.completed_at is not None:
        # Opened again by an undo and completed again, it is told again.
        done = batch.completed_at.isoformat()
        payload = {**about, "completed_at": done}
        found.append(("completed", _completion(batch), payload, batch.completed_at))
        if _completion(batch) in looked:
            return found
    for segment_id, n_judgements, at in told_at(desk, tx, batch):
        payload = {**about, "segment": segment_id, "n_judgements": n_judgements}
        found.append(("disputed", f"{batch.id} {segment_id}", payload, at or desk.now()))
    return found


def _completion(batch: Batch) -> str:
    return f"{batch.id} {batch.completed_at.isoformat() if batch.completed_at else ''}"

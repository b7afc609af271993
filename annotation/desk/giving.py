"""Giving out work: the next clip of a batch for an annotator, held for them for a while."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import db.batches
import db.clips
import db.grants
import db.leases
from annotation.desk import calibration_due, ordering
from annotation.desk.desk import Desk
from annotation.desk.errors import ForbiddenError, HiddenError, NotFoundError
from db.desk_records import Account, Clip, Lease
from db.records import Batch

_LOOK_AHEAD = 24
"""Segments asked about at a time, in the annotator's order."""


@dataclass(frozen=True)
class Given:
    """A clip held for an annotator, and what was said before it."""

    lease: Lease
    clip: Clip
    before: tuple[Clip, ...]


def batch_for(tx: Any, who: Account, batch_id: str) -> Batch:
    """A batch that an account may see. Raises NotFoundError: what is not theirs is not there."""
    if not db.grants.may_see(tx, who, batch_id):
        raise HiddenError(f"there is no batch {batch_id!r} for you (ask whoever leads it)")
    try:
        return db.batches.get(tx, batch_id)
    except ValueError as error:
        raise NotFoundError(f"there is no batch {batch_id!r}") from error


def next_clip(
    desk: Desk, who: Account, batch_id: str, besides: Collection[str] = ()
) -> Given | None:
    """The clip that `who` is to judge now; None where a batch has nothing (more) for them.

    What they have out already comes first, except the leases named in `besides` (those a page
    has loaded). A clip is never given to more people at once than judgements are wanted, and to
    nobody who has judged it, except as a hidden repeat.
    """
    with desk.workspace.reading() as tx:
        batch = batch_for(tx, who, batch_id)
        now = desk.now()
        out = db.leases.held(tx, who.id, batch_id, now)
        open_ = [lease for lease in out if lease.id not in besides]
        if open_:
            return as_given(desk, tx, open_[0])
    if batch.state != db.batches.OPEN:
        return None
    calibration_due.check(desk, who)
    if len(out) >= desk.rules.n_held:
        raise ForbiddenError(
            f"you have {len(out)} clips of {batch_id} open; judge or give back one of them first"
        )
    lease = _repeat(desk, who, batch_id) or _fresh(desk, who, batch_id)
    if lease is None:
        return None
    with desk.workspace.reading() as tx:
        return as_given(desk, tx, lease)


def give_back(desk: Desk, who: Account, lease_id: str) -> bool:
    """Let somebody else have a clip that `who` has out; whether they had it."""
    with desk.workspace.writing() as tx:
        lease = lease_of(tx, who, lease_id)
        return db.leases.finish(tx, lease.id, "returned", desk.now())


def lease_of(tx: Any, who: Account, lease_id: str, *, lock: bool = False) -> Lease:
    """A lease of an account. Raises NotFoundError for one that is unknown or somebody else's."""
    lease = db.leases.get(tx, lease_id, lock=lock)
    if lease is None or lease.account_id != who.id:
        raise HiddenError(f"you have no clip open by the name {lease_id!r}")
    return lease


def as_given(desk: Desk, tx: Any, lease: Lease) -> Given:
    clip = db.clips.get(tx, lease.segment_id)
    if clip is None:  # pragma: no cover - the records refuse leases of unknown segments
        raise NotFoundError(f"there is no segment {lease.segment_id!r}")
    return Given(lease, clip, tuple(db.clips.before(tx, lease.segment_id, desk.rules.n_context)))


def _fresh(desk: Desk, who: Account, batch_id: str) -> Lease | None:
    """A lease of the first segment in the annotator's order that wants a judgement of theirs."""
    n_segments = ordering.n_segments(desk, batch_id)
    place = (batch_id, who.name)
    start = desk.places.get(place, 0)
    for first, wait in ((start, False), (0, True)):
        for at in range(first, n_segments, _LOOK_AHEAD):
            some = ordering.part_of_order(desk, batch_id, who.name, at, _LOOK_AHEAD)
            lease = _first_free(desk, who, batch_id, some, wait=wait)
            if lease is not None:
                desk.places[place] = at
                return lease
    return None


def _first_free(
    desk: Desk, who: Account, batch_id: str, segments: list[str], *, wait: bool
) -> Lease | None:
    with desk.workspace.writing() as tx:
        free = _wanting(tx, who, batch_id, segments, desk.now())
        for some in (free[:1], free[1:]):
            if not some:
                continue
            # Held first, then looked at again: nobody else can take these in between.
            held = set(db.leases.lock_items(tx, batch_id, some, wait=wait))
            for segment_id in _wanting(tx, who, batch_id, some, desk.now()):
                lease = _lease(desk, who, batch_id, segment_id)
                if segment_id in held and db.leases.take(tx, lease):
                    return lease
    return None


def _wanting(tx: Any, who: Account, batch_id: str, segments: Any, now: Any) -> list[str]:
    states = db.leases.states(tx, batch_id, segments, who.name, who.id, now)
    return [
        one.segment_id
        for one in states
        if not one.mine and one.n_judges + one.n_leases < one.n_wanted
    ]


def _repeat(desk: Desk, who: Account, batch_id: str) -> Lease | None:
    """A lease of a segment that they judged a while ago, when a repeat is due."""
    if desk.rules.repeat_share <= 0:
        return None
    with desk.workspace.reading() as tx:
        judged = db.leases.judged_by(tx, who.name, batch_id)
        if not ordering.is_repeat_due(desk, batch_id, who.name, len(judged)):
            return None
        again = db.leases.repeated(tx, who.id, batch_id)
    old = [one for one in judged[: -desk.rules.repeat_gap or None] if one not in again]
    if not old or len(again) >= desk.rules.repeat_share * len(judged) + 1:
        return None
    lease = _lease(
        desk, who, batch_id, ordering.pick(desk, batch_id, who.name, old), purpose="repeat"
    )
    with desk.workspace.writing() as tx:
        return lease if db.leases.take(tx, lease) else None


def _lease(
    desk: Desk, who: Account, batch_id: str, segment_id: str, purpose: str | None = None
) -> Lease:
    return Lease(
        id=secrets.token_urlsafe(15),
        batch_id=batch_id,
        segment_id=segment_id,
        account_id=who.id,
        taken_at=desk.now(),
        expires_at=desk.after(desk.rules.lease_s),
        purpose=purpose,
    )

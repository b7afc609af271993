"""A judgement at the desk: checked, stored once, and on disk when the function returns."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import db.audit
import db.batches
import db.grants
import db.guidelines
import db.judgements
import db.leases
from annotation.desk.desk import Desk
from annotation.desk.errors import ConflictError, DeskError, NotFoundError
from annotation.desk.giving import Given, as_given, batch_for, lease_of
from db.desk_records import Account, Lease
from labels.judgements import Judgement, JudgementError, Mark
from labels.scheme import Scheme, SchemeError

SOURCE = "desk"
MAX_NOTE = 4000
MAX_SECONDARY = 2
MAX_MARKS = 50


@dataclass(frozen=True)
class Said:
    """What an annotator says of the clip they have out.

    `key` is drawn by the browser once for each judgement: sent again, it is the same judgement.
    """

    lease_id: str
    key: str
    values: Mapping[str, str]
    verdict: str | None = None
    secondary: Sequence[str] = ()
    marks: Sequence[Mark] = ()
    note: str | None = None
    duration_s: float | None = None


@dataclass(frozen=True)
class Stored:
    """What became of it: its id, whether it was new, and whether it completed its batch."""

    judgement_id: str
    new: bool
    batch_id: str
    segment_id: str
    completed: bool = False


def submit(desk: Desk, who: Account, said: Said) -> Stored:
    """Store a judgement; when this returns it is on disk, and it is there once.

    The same `key` again is the same judgement. A clip whose time ran out is still taken, unless
    they judged it otherwise since. Raises DeskError for what the scheme does not have,
    NotFoundError for a clip they do not have out, ConflictError for a second judgement on it.
    """
    checked = _check(desk.workspace.scheme, said)
    identity = judgement_id(who, said.key)
    with desk.workspace.writing() as tx:
        lease = lease_of(tx, who, said.lease_id, lock=True)
        judgement = _judgement(desk, tx, who, lease, identity, checked)
        if lease.outcome == "judged":
            return _known(tx, lease, judgement)
        db.leases.lock_items(tx, lease.batch_id, [lease.segment_id])
        if lease.purpose is None and db.leases.has_judged(
            tx, who.name, lease.batch_id, lease.segment_id
        ):
            db.leases.finish(tx, lease.id, "returned", desk.now())
            conflict = True
        else:
            conflict = False
            disputed = _store(desk, tx, who, lease, judgement)
    if conflict:
        raise ConflictError("you have judged this clip already; the first judgement stands")
    if disputed:
        desk.on_event("disputed", lease.batch_id)
    completed = complete_if_judged(desk, lease.batch_id)
    return Stored(identity, True, lease.batch_id, lease.segment_id, completed)


def undo(desk: Desk, who: Account, batch_id: str) -> tuple[Given, Judgement]:
    """Take back the last judgement of `who` in a batch; they have its clip out again.

    The judgement stays in the records, with a record that it was taken back. A batch that it had
    completed is open again. Raises NotFoundError where there is nothing to take back.
    """
    with desk.workspace.writing() as tx:
        batch_for(tx, who, batch_id)
        last = db.judgements.last_of(tx, who.name, batch_id)
        if last is None or last.source != SOURCE:
            raise NotFoundError(f"there is no judgement of yours in {batch_id} to take back")
        db.judgements.withdraw(tx, last.id, by=who.name)
        _audit(tx, who, "withdraw judgement", last.id, {"segment": last.segment_id})
        db.batches.reopen_batch(tx, batch_id)
        lease = Lease(
            id=secrets.token_urlsafe(15),
            batch_id=batch_id,
            segment_id=last.segment_id,
            account_id=who.id,
            taken_at=desk.now(),
            expires_at=desk.after(desk.rules.lease_s),
            purpose="repeat" if last.purpose == "repeat" else None,
        )
        if not db.leases.take(tx, lease):  # they were given it again already, as a repeat
            out = db.leases.held(tx, who.id, batch_id, desk.now())
            lease = next(one for one in out if one.segment_id == last.segment_id)
        return as_given(desk, tx, lease), last


def judgement_id(who: Account, key: str) -> str:
    """The id of a judgement: whose it is, and the key their browser drew."""
    if not 8 <= len(key) <= 64 or not key.replace("-", "").isalnum() or not key.isascii():
        raise DeskError("key must be 8 to 64 letters, digits or hyphens")
    return f"desk:{who.id}:{key}"


def complete_if_judged(desk: Desk, batch_id: str) -> bool:
    """Complete a batch that is fully judged, and tell; whether that happened just now.

    Looked at after the judgement is stored: of two last ones at one moment the later sees both.
    """
    with desk.workspace.reading() as tx:
        if not db.batches.is_judged(tx, batch_id):
            return False
    with desk.workspace.writing() as tx:
        completed = db.batches.refresh_batch(tx, batch_id)
        if completed:
            db.audit.note(tx, actor="desk", action="complete batch", subject=batch_id)
    if completed:
        desk.on_event("completed", batch_id)
    return completed


def is_disputed(judgements: Sequence[Judgement], scheme: Scheme) -> bool:
    """Whether the latest judgements of two or more people on a segment have no strict majority
    for one of the scheme's classes."""
    latest = {one.annotator: one for one in judgements if one.role == "expert"}
    if len(latest) < 2 or any(one.role == "adjudicator" for one in judgements):
        return False
    votes = Counter(
        scheme.basic(one.values["emotion"]) if "emotion" in one.values else one.verdict
        for one in latest.values()
    )
    return 2 * votes.most_common(1)[0][1] <= len(latest)


def _store(desk: Desk, tx: Any, who: Account, lease: Lease, judgement: Judgement) -> bool:
    """Store a judgement and end its lease; whether its segment is disputed now."""
    added = db.judgements.add(tx, [judgement])
    if added.conflicts:
        raise ConflictError(f"the key of judgement {judgement.id} was used for another one")
    db.leases.finish(tx, lease.id, "judged", desk.now())
    detail = {"batch": lease.batch_id, "segment": lease.segment_id, "lease": lease.id}
    _audit(tx, who, "judge", judgement.id, detail)
    return lease.purpose is None and look_for_dispute(desk, tx, lease.batch_id, lease.segment_id)


def look_for_dispute(desk: Desk, tx: Any, batch_id: str, segment_id: str) -> bool:
    """Ask for one more judgement where those wanted are there and disagree, while somebody is
    left to ask; whether the segment is left disputed."""
    batch = db.batches.get(tx, batch_id)
    if batch.overlap < 2:
        return False
    said = db.judgements.read(tx, db.batches.EXPERTS, segment_id=segment_id)
    judges = {one.annotator for one in said}
    n_extra = db.batches.n_extra(tx, batch_id, segment_id)
    if len(judges) < batch.overlap + n_extra or not is_disputed(said, desk.workspace.scheme):
        return False
    if n_extra < desk.rules.max_extra and db.grants.others_who_may_judge(
        tx, batch_id, sorted(judges)
    ):
        db.batches.ask_for_more(tx, batch_id, segment_id)
        return False
    return True


def _known(tx: Any, lease: Lease, judgement: Judgement) -> Stored:
    """The answer to a judgement on a clip that was judged before: the same one again is fine."""
    if db.judgements.get(tx, judgement.id) is None:
        raise ConflictError("this clip was judged in another window; the first judgement stands")
    if db.judgements.add(tx, [judgement]).conflicts:
        raise ConflictError(f"the key of judgement {judgement.id} was used for another one")
    return Stored(judgement.id, False, lease.batch_id, lease.segment_id)


def _judgement(
    desk: Desk, tx: Any, who: Account, lease: Lease, identity: str, said: Said
) -> Judgement:
    version = db.guidelines.current_version(tx)
    return Judgement(
        id=identity,
        segment_id=lease.segment_id,
        annotator=who.name,
        role="expert",
        values=said.values,
        batch_id=lease.batch_id,
        guideline_version=None if version is None else str(version),
        duration_s=said.duration_s,
        judged_at=desk.now(),
        note=said.note,
        source=SOURCE,
        verdict=said.verdict,
        purpose=lease.purpose,
        secondary=tuple(said.secondary),
        marks=tuple(said.marks),
    )


def _check(scheme: Scheme, said: Said) -> Said:
    """The same in the scheme's own words. Raises DeskError for what cannot be kept."""
    try:
        values = {name: scheme.parse_value(name, value) for name, value in said.values.items()}
        secondary = tuple(dict.fromkeys(scheme.resolve(name) for name in said.secondary))
        marks = tuple(
            Mark(
                mark.start_s,
                mark.end_s,
                {name: scheme.parse_value(name, value) for name, value in mark.values.items()},
            )
            for mark in said.marks
        )
    except (SchemeError, JudgementError) as error:
        raise DeskError(str(error)) from error
    _check_sense(said, values, secondary)
    note = (said.note or "").strip() or None
    return Said(
        said.lease_id, said.key, values, said.verdict, secondary, marks, note, said.duration_s
    )


def _check_sense(said: Said, values: Mapping[str, str], secondary: Sequence[str]) -> None:
    if said.verdict is None and "emotion" not in values:
        raise DeskError("name an emotion, or say that you cannot tell or that the audio is bad")
    if said.verdict is not None and ("emotion" in values or secondary):
        raise DeskError(f"a clip judged as {said.verdict!r} has no emotion beside it")
    if len(secondary) > MAX_SECONDARY:
        raise DeskError(f"{len(secondary)} secondary emotions: at most {MAX_SECONDARY}")
    if values.get("emotion") in secondary:
        raise DeskError(f"{values['emotion']} is the emotion itself, so it is no secondary one")
    if len(said.marks) > MAX_MARKS:
        raise DeskError(f"{len(said.marks)} marked stretches: at most {MAX_MARKS}")
    if said.note is not None and len(said.note) > MAX_NOTE:
        raise DeskError(f"the note has {len(said.note)} characters: at most {MAX_NOTE}")


def _audit(tx: Any, who: Account, action: str, subject: str, detail: dict[str, Any]) -> None:
    db.audit.note(tx, actor=who.name, action=action, subject=subject, detail=detail)

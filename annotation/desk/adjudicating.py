"""Adjudication: a lead hears a disputed segment, reads what was said, and decides.

The decision is a judgement in the role "adjudicator", so that it is gold by the rule of
`labels.gold`, and stands beside the others, which stay as they are.
"""

import secrets
from collections.abc import Mapping

import db.adjudications
import db.audit
import db.batches
import db.clips
import db.guidelines
import db.judgements
from annotation.desk.desk import Desk
from annotation.desk.disputes import Case, latest
from annotation.desk.errors import ConflictError, DeskError, NotFoundError
from annotation.desk.judging import MAX_NOTE, SOURCE, complete_if_judged
from db.desk_records import Account, Adjudication
from labels.judgements import VERDICTS, Judgement
from labels.scheme import SchemeError


def case(desk: Desk, batch_id: str, segment_id: str) -> Case:
    """A segment of a batch with everything said of it. Raises NotFoundError."""
    with desk.workspace.reading() as tx:
        clip = db.clips.get(tx, segment_id)
        if clip is None or batch_id not in db.clips.in_batch_of(tx, segment_id):
            raise NotFoundError(f"batch {batch_id!r} has no segment {segment_id!r}")
        said = db.judgements.read(tx, db.batches.EXPERTS, segment_id=segment_id)
        before = db.clips.before(tx, segment_id, desk.rules.n_context)
        decisions = db.adjudications.list_decisions(tx, segment_id=segment_id)
        return Case(batch_id, clip, tuple(before), tuple(latest(said)), tuple(decisions))


def decide(
    desk: Desk,
    who: Account,
    batch_id: str,
    segment_id: str,
    *,
    key: str,
    values: Mapping[str, str],
    verdict: str | None,
    reason: str,
) -> Adjudication:
    """Settle a segment. Decided again, the later decision is the one that counts.

    The same `key` again is the same decision. Raises DeskError for a decision without a reason
    or without an emotion (or a verdict), NotFoundError for an unknown segment, ConflictError for a
    key that was used for another decision.
    """
    reason = reason.strip()
    if not reason:
        raise DeskError("say why: whoever judged reads the reason")
    if len(reason) > MAX_NOTE:
        raise DeskError(f"the reason has {len(reason)} characters: at most {MAX_NOTE}")
    if not 8 <= len(key) <= 64 or not key.isascii() or not key.replace("-", "").isalnum():
        raise DeskError("a key has 8 to 64 letters, digits or dashes")
    judgement = _judgement(desk, who, batch_id, segment_id, key, values, verdict, reason)
    case(desk, batch_id, segment_id)
    one = Adjudication(
        id=f"{who.id}:{key}",
        batch_id=batch_id,
        segment_id=segment_id,
        judgement_id=judgement.id,
        reason=reason,
        decided_by=who.name,
        decided_at=desk.now(),
    )
    with desk.workspace.writing() as tx:
        added = db.judgements.add(tx, [judgement])
        if added.conflicts:
            raise ConflictError("this was decided in another window; the first decision stands")
        if db.adjudications.add(tx, one):
            detail = {"batch": batch_id, "values": dict(judgement.values), "verdict": verdict}
            db.audit.note(
                tx, actor=who.name, action="adjudicate", subject=segment_id, detail=detail
            )
    complete_if_judged(desk, batch_id)
    return one


def new_key() -> str:
    """A key for a form: sent twice, it is one decision."""
    return secrets.token_hex(12)


def _judgement(
    desk: Desk,
    who: Account,
    batch_id: str,
    segment_id: str,
    key: str,
    values: Mapping[str, str],
    verdict: str | None,
    reason: str,
) -> Judgement:
    scheme = desk.workspace.scheme
    try:
        parsed = {name: scheme.parse_value(name, value) for name, value in values.items()}
    except SchemeError as error:
        raise DeskError(str(error)) from error
    if verdict is not None and verdict not in VERDICTS:
        raise DeskError(f"verdict {verdict!r} is not one of {', '.join(VERDICTS)}")
    if ("emotion" in parsed) == (verdict is not None):
        raise DeskError("decide for an emotion, or that nobody can tell or that the audio is bad")
    with desk.workspace.reading() as tx:
        version = db.guidelines.current_version(tx)
    return Judgement(
        id=f"adjudication:{who.id}:{key}",
        segment_id=segment_id,
        annotator=who.name,
        role="adjudicator",
        values=parsed,
        batch_id=batch_id,
        guideline_version=None if version is None else str(version),
        judged_at=desk.now(),
        note=reason,
        source=SOURCE,
        verdict=verdict,
    )

"""Calibration: an annotator judges clips whose emotion is settled, and is told after each."""

import hashlib
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import db.audit
import db.calibrations
import db.guidelines
import db.judgements
from annotation.desk import flagging
from annotation.desk.calibration_due import GoldClip, clips_for, has_enough
from annotation.desk.desk import Desk
from annotation.desk.errors import DeskError, HiddenError
from db.desk_records import Account, Calibration, CalibrationItem
from labels.judgements import VERDICTS, Judgement
from labels.scheme import SchemeError


@dataclass(frozen=True)
class Answered:
    """A clip of a session, with what was said of it ("" before it is answered)."""

    item: CalibrationItem
    said: str
    is_right: bool


@dataclass(frozen=True)
class Session:
    """A session and its clips."""

    calibration: Calibration
    items: tuple[Answered, ...]

    @property
    def place(self) -> int | None:
        """The number of the clip to judge now; None where all are."""
        return next((one.item.nth for one in self.items if not one.said), None)


def start(desk: Desk, who: Account) -> Session:
    """A new session, or the one that is open. Raises DeskError for too few gold clips."""
    for old in sessions(desk, who):
        if old.finished_at is None:
            return session(desk, who, old.id)
    with desk.workspace.writing() as tx:
        clips = clips_for(desk, tx, who)
        if not has_enough(desk, len(clips)) or desk.rules.calibration_clips == 0:
            raise DeskError(
                f"{len(clips)} gold clips that you have not judged: too few to calibrate on"
            )
        before = {
            item.segment_id
            for old in db.calibrations.of_account(tx, who.id)
            for item in db.calibrations.items(tx, old.id)
        }
        one = Calibration(
            id=secrets.token_hex(8),
            account_id=who.id,
            guideline_version=db.guidelines.current_version(tx),
            started_at=desk.now(),
        )
        seed = f"{desk.rules.seed}/{who.name}/{len(before)}"
        chosen = _choose(clips, before, desk.rules.calibration_clips, seed)
        items = [
            CalibrationItem(
                one.id, nth, clip.segment_id, {"emotion": clip.emotion, "reason": clip.reason}
            )
            for nth, clip in enumerate(chosen, start=1)
        ]
        db.calibrations.add(tx, one, items)
        db.audit.note(tx, actor=who.name, action="begin calibration", subject=one.id)
    return session(desk, who, one.id)


def answer(
    desk: Desk,
    who: Account,
    calibration_id: str,
    nth: int,
    *,
    emotion: str | None = None,
    verdict: str | None = None,
) -> Session:
    """Judge a clip of a session; the first answer stands, whatever is sent after.

    With the last one the session ends; whoever does not pass is flagged. Raises HiddenError for
    somebody else's session, DeskError for what is no answer.
    """
    judgement = _judgement(desk, who, calibration_id, nth, emotion, verdict)
    with desk.workspace.writing() as tx:
        one = db.calibrations.get(tx, calibration_id, lock=True)
        if one is None or one.account_id != who.id:
            raise HiddenError(f"you have no calibration {calibration_id!r}")
        items = db.calibrations.items(tx, calibration_id)
        item = next((item for item in items if item.nth == nth), None)
        if item is None:
            raise HiddenError(f"this calibration has no clip {nth}")
        if item.judgement_id is None:
            version = one.guideline_version
            db.judgements.add(tx, [judgement(item.segment_id, version)])
            db.calibrations.answer(tx, calibration_id, nth, judgement("", None).id)
            detail = {"clip": nth, "segment": item.segment_id}
            db.audit.note(
                tx, actor=who.name, action="answer calibration", subject=calibration_id,
                detail=detail,
            )  # fmt: skip
            _end_if_whole(desk, tx, who, one)
    return session(desk, who, calibration_id)


def session(desk: Desk, who: Account, calibration_id: str) -> Session:
    """A session of somebody's. Raises HiddenError for one that is unknown or not theirs."""
    with desk.workspace.reading() as tx:
        one = db.calibrations.get(tx, calibration_id)
        if one is None or one.account_id != who.id:
            raise HiddenError(f"you have no calibration {calibration_id!r}")
        return Session(one, tuple(_answered(desk, tx, calibration_id)))


def sessions(desk: Desk, who: Account) -> list[Calibration]:
    """Somebody's sessions, oldest first."""
    with desk.workspace.reading() as tx:
        return db.calibrations.of_account(tx, who.id)


def _end_if_whole(desk: Desk, tx: Any, who: Account, one: Calibration) -> None:
    answered = _answered(desk, tx, one.id)
    if not all(item.said for item in answered):
        return
    score = sum(item.is_right for item in answered) / len(answered)
    passed = score >= desk.rules.calibration_pass
    db.calibrations.finish(tx, one.id, score, passed, desk.now())
    detail = {"score": score, "needed": desk.rules.calibration_pass}
    db.audit.note(tx, actor=who.name, action="end calibration", subject=one.id, detail=detail)
    if not passed:
        flagging.raise_for(tx, desk, who, flagging.CALIBRATION, detail)


def _answered(desk: Desk, tx: Any, calibration_id: str) -> list[Answered]:
    scheme = desk.workspace.scheme
    found = []
    for item in db.calibrations.items(tx, calibration_id):
        given = None if item.judgement_id is None else db.judgements.get(tx, item.judgement_id)
        said = "" if given is None else given.verdict or given.values["emotion"]
        right = (
            given is not None
            and "emotion" in given.values
            and scheme.basic(given.values["emotion"]) == item.expected["emotion"]
        )
        found.append(Answered(item, said, right))
    return found


def _judgement(
    desk: Desk,
    who: Account,
    calibration_id: str,
    nth: int,
    emotion: str | None,
    verdict: str | None,
) -> Any:
    """Makes the judgement of a segment by a version of the guidelines."""
    if (emotion is None) == (verdict is None):
        raise DeskError("name an emotion, or say that you cannot tell")
    if verdict is not None and verdict not in VERDICTS:
        raise DeskError(f"verdict {verdict!r} is not one of {', '.join(VERDICTS)}")
    try:
        values = {} if emotion is None else {"emotion": desk.workspace.scheme.resolve(emotion)}
    except SchemeError as error:
        raise DeskError(str(error)) from error

    def made(segment_id: str, version: int | None) -> Judgement:
        return Judgement(
            id=f"calibration:{calibration_id}:{nth}",
            segment_id=segment_id,
            annotator=who.name,
            role="expert",
            values=values,
            guideline_version=None if version is None else str(version),
            judged_at=desk.now(),
            source="desk",
            verdict=verdict,
            purpose="calibration",
        )

    return made


def _choose(clips: Sequence[GoldClip], before: set[str], n: int, seed: str) -> list[GoldClip]:
    """Up to `n` clips, new ones first, emotions in turn; in an order of chance."""
    drawn = random.Random(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big"))
    shuffled = drawn.sample(list(clips), len(clips))
    of_emotion: dict[str, int] = {}
    ranked = []
    for clip in sorted(shuffled, key=lambda one: one.segment_id in before):
        place = of_emotion[clip.emotion] = of_emotion.get(clip.emotion, 0) + 1
        ranked.append((clip.segment_id in before, place, len(ranked), clip))
    chosen = [clip for *_, clip in sorted(ranked, key=lambda one: one[:3])[:n]]
    return drawn.sample(chosen, len(chosen))

"""Whether somebody has to judge gold clips before they may judge for real."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import db.batches
import db.calibrations
import db.guidelines
import db.judgements
import db.said
from annotation.desk.desk import Desk
from annotation.desk.errors import CalibrationDueError
from annotation.desk.roles import ANNOTATOR
from db.desk_records import Account
from db.records import Said
from labels.gold import gold
from labels.scheme import Scheme, SchemeError

_CALM_S = 300
_LATELY_S = 60
_READING = threading.Lock()
_CORPUS = "reference:"
"""How the source begins of judgements that came with a corpus."""


@dataclass(frozen=True)
class GoldClip:
    """A segment whose emotion is beyond doubt; `reason` is what its adjudicator wrote."""

    segment_id: str
    emotion: str
    reason: str = ""


def check(desk: Desk, who: Account) -> None:
    """Raises CalibrationDueError where a calibration comes first."""
    if is_due(desk, who):
        raise CalibrationDueError("a calibration comes before the next clip: open Calibration")


def is_due(desk: Desk, who: Account) -> bool:
    """Whether an annotator is to be calibrated now.

    Before the first judgement, and when the last calibration that they passed (or, of somebody
    who worked here before there were any, the first judgement) is `calibration_days` ago; but only
    where there are enough gold clips for it.
    """
    if desk.rules.calibration_clips == 0 or who.role != ANNOTATOR:
        return False
    now = desk.now()
    if desk.calm.get(who.id, now) > now:
        return False
    with desk.workspace.reading() as tx:
        since = db.calibrations.last_passed_at(tx, who.id)
        since = since or db.calibrations.first_judged_at(tx, who.name)
        fresh = since is not None and now - since < timedelta(days=desk.rules.calibration_days)
        due = not fresh and has_enough(desk, len(clips_for(desk, tx, who, lately=True)))
    if not due:  # asked with every clip
        desk.calm[who.id] = desk.after(_CALM_S)
    return due


def has_enough(desk: Desk, n_clips: int) -> bool:
    """Whether so many gold clips make a session: half of what the rules ask for."""
    return n_clips > 0 and 2 * n_clips >= desk.rules.calibration_clips


def clips_for(desk: Desk, tx: Any, who: Account, *, lately: bool = False) -> list[GoldClip]:
    """The gold clips that somebody may be calibrated on: none that they judged for real, and none
    that the guidelines show, or ever showed, as an example: what it is stands there. `lately`:
    what was gold a minute ago will do."""
    mine = db.judgements.segments_of(tx, who.name)
    shown = db.guidelines.example_segments(tx)
    return [one for one in _gold(desk, tx, lately) if one.segment_id not in mine | shown]


def _gold(desk: Desk, tx: Any, lately: bool) -> list[GoldClip]:
    """All gold clips; read again when something was said since. By one thread at a time: after a
    restart everybody is asked at once whether they are calibrated."""
    with _READING:
        stamp, now = desk.as_of(tx), desk.now()
        (before, until), found = desk.known.get(("gold", ""), ((None, now), []))
        if before != stamp and not (lately and now < until):
            found = beyond_doubt(db.said.read(tx, db.batches.EXPERTS), desk.workspace.scheme)
            desk.known["gold", ""] = ((stamp, desk.after(_LATELY_S)), found)
        return list(found)


def beyond_doubt(said: Sequence[Said], scheme: Scheme) -> list[GoldClip]:
    """Segments whose gold emotion an adjudicator decided, or two experts or more agree on without
    exception, or that came with their corpus; by segment."""
    try:
        settled = gold(said, scheme)["emotion"]
    except SchemeError:  # judged by another scheme: there is no telling what was meant
        return []
    reasons: dict[str, str] = {}
    named: dict[str, dict[str, str]] = {}
    of_corpus = set()
    for one in said:
        if one.segment_id not in settled:
            continue
        if one.role == "adjudicator":
            reasons[one.segment_id] = one.note or ""
        elif one.source.startswith(_CORPUS):
            of_corpus.add(one.segment_id)
        if one.role == "expert":
            emotion = one.values.get("emotion")
            answer = scheme.basic(emotion) if emotion else str(one.verdict)
            named.setdefault(one.segment_id, {})[one.annotator] = answer
    return [
        GoldClip(segment, scheme.classes[emotion], reasons.get(segment, ""))
        for segment, emotion in sorted(settled.items())
        if segment in reasons or segment in of_corpus or _agree(named.get(segment, {}))
    ]


def _agree(by_annotator: dict[str, str]) -> bool:
    return len(by_annotator) >= 2 and len(set(by_annotator.values())) == 1

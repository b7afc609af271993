"""Segments: stored once, and the pool of them as a table."""

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from db.finding import resolve_items
from db.frames import read_frame
from db.inserting import insert_new, present
from db.records import Segment
from db.schema import recording, segment, speaker

__all__ = ["LEVELS", "NO_CONSENT", "add", "frame", "known", "resolve_items"]

NO_CONSENT = (
    "no", "n", "none", "false", "0", "refused", "denied", "declined", "withdrawn", "revoked",
)  # fmt: skip
LEVELS = ("turn", "utterance", "word", "phone")
"""From the coarsest to the finest; a segment's parent is of a coarser level."""


def add(tx: Connection, segments: Sequence[Segment]) -> list[str]:
    """Store segments that are not there yet; returns the ids of those that are new.

    A parent may come after its children, but not in a later call.
    """
    unique = {one.id: one for one in reversed(segments)}
    ordered = sorted(
        (unique.pop(one.id) for one in segments if one.id in unique),
        key=lambda one: LEVELS.index(one.level) if one.level in LEVELS else -1,
    )
    new = {
        row.id for row in insert_new(tx, segment, [vars(one) for one in ordered], [segment.c.id])
    }
    return [identity for identity in dict.fromkeys(one.id for one in segments) if identity in new]


def known(tx: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these ids the records have a segment of."""
    return present(tx, segment.c.id, ids)


def frame(tx: Connection, *, level: str | None = None, consented_only: bool = True) -> pd.DataFrame:
    """All segments with what is known of their recordings, a row each, in order of arrival.

    Columns: segment_id, recording_id, path, uri, corpus, start_s, end_s, duration_s, level,
    parent_id, speaker_id, speaker, gender, age, language, dialect, style, session, turn, consent,
    transcript (the segment's own, else the recording's), split. Times and age are float64, all
    others text (pandas' `str`), NaN where not known. Recordings whose consent was refused or
    withdrawn are left out unless asked for.
    """
    query = (
        sa.select(
            segment.c.id.label("segment_id"),
            segment.c.recording_id,
            recording.c.path,
            recording.c.uri,
            recording.c.corpus,
            segment.c.start_s,
            segment.c.end_s,
            (segment.c.end_s - segment.c.start_s).label("duration_s"),
            segment.c.level,
            segment.c.parent_id,
            recording.c.speaker_id,
            recording.c.speaker,
            recording.c.gender,
            recording.c.age,
            recording.c.language,
            recording.c.dialect,
            recording.c.style,
            recording.c.session,
            recording.c.turn,
            recording.c.consent,
            sa.func.coalesce(segment.c.transcript, recording.c.transcript).label("transcript"),
            speaker.c.split,
        )
        .join_from(segment, recording, segment.c.recording_id == recording.c.id)
        .join(speaker, recording.c.speaker_id == speaker.c.id)
        .order_by(segment.c.seq)
    )
    if level is not None:
        query = query.where(segment.c.level == level)
    if consented_only:
        consent = sa.func.lower(sa.func.trim(sa.func.coalesce(recording.c.consent, "")))
        query = query.where(consent.not_in(NO_CONSENT))
    return read_frame(tx, query, numbers={"start_s", "end_s", "duration_s", "age"})

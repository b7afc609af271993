"""Segments: the pool as a table, and finding one by whatever name a person uses for it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new, present
from db.records import Segment
from db.schema import recording, segment, source_file, speaker

NO_CONSENT = ("no", "refused", "withdrawn")


def add(tx: Connection, segments: Sequence[Segment]) -> list[str]:
    """Store segments that are not there yet; returns the ids of those that are new."""
    unique = {one.id: one for one in segments}
    known = present(tx, segment.c.id, list(unique))
    new = [one for identity, one in unique.items() if identity not in known]
    insert_new(tx, segment, [asdict(one) for one in new])
    return [one.id for one in new]


def frame(tx: Connection, *, level: str | None = None, consented_only: bool = True) -> pd.DataFrame:
    """All segments with what is known of their recordings, a row each, in order of arrival.

    Columns: segment_id, recording_id, path, uri, corpus, start_s, end_s, duration_s, level,
    parent_id, speaker_id, speaker, gender, age, language, dialect, style, session, turn, consent,
    transcript (the segment's own, else the recording's), split. Recordings whose consent was
    refused or withdrawn are left out unless asked for.
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
        refused = sa.func.lower(sa.func.coalesce(recording.c.consent, "")).in_(NO_CONSENT)
        query = query.where(~refused)
    result = tx.execute(query)
    table = pd.DataFrame(result.all(), columns=list(result.keys()))
    numbers = dict.fromkeys(("start_s", "end_s", "duration_s", "age"), float)
    texts = {name: object for name in table.columns if name not in numbers}
    return table.astype({**numbers, **texts})


def resolve_items(tx: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Segment ids by what people call them: a segment's or recording's id, an address, a path,
    a file name or its stem. A name that fits several recordings, or none, is absent.

    A recording stands for its whole-length segment (the first that has no parent).
    """
    wanted = set(keys)
    found = {key: key for key in present(tx, segment.c.id, list(wanted))}
    if wanted <= found.keys():
        return found
    whole = _whole_segments(tx)
    names: dict[str, set[str]] = {}
    files = tx.execute(
        sa.select(recording.c.id, recording.c.path, recording.c.uri).union(
            sa.select(source_file.c.recording_id, source_file.c.uri, source_file.c.uri).where(
                source_file.c.recording_id.is_not(None)
            )
        )
    )
    for identity, path, uri in files:
        file = PurePosixPath(path)
        for name in {identity, path, uri, PurePosixPath(uri).name, file.name, file.stem}:
            if name in wanted:
                names.setdefault(name, set()).add(identity)
    for name, recordings in names.items():
        if len(recordings) == 1 and (only := next(iter(recordings))) in whole:
            found.setdefault(name, whole[only])
    return found


def _whole_segments(tx: Connection) -> dict[str, str]:
    rows = tx.execute(
        sa.select(segment.c.recording_id, segment.c.id)
        .where(segment.c.parent_id.is_(None))
        .order_by(segment.c.seq.desc())
    )
    return {recording_id: identity for recording_id, identity in rows}

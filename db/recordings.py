"""Recordings, and the files they were read from."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new, parts, present, upsert
from db.records import Recording, SourceFile
from db.schema import recording, source_file, speaker


def add(tx: Connection, recordings: Sequence[Recording]) -> list[str]:
    """Store recordings whose content is not there yet; returns the ids of those that are new."""
    first = {one.id: one for one in reversed(recordings)}
    known = present(tx, recording.c.id, list(first))
    new = [one for identity, one in first.items() if identity not in known]
    voices = {one.speaker_id: {"id": one.speaker_id, "gender": one.gender} for one in new}
    insert_new(tx, speaker, list(voices.values()))
    rows = [{**asdict(one), "stem": stem(one.path or one.uri)} for one in new]
    insert_new(tx, recording, rows)
    return [one.id for one in new]


def get(tx: Connection, identity: str) -> Recording | None:
    """A recording by id, or None."""
    columns = [recording.c[name] for name in Recording.__dataclass_fields__]
    row = tx.execute(sa.select(*columns).where(recording.c.id == identity)).one_or_none()
    return None if row is None else Recording(**row._mapping)


def note_files(tx: Connection, files: Sequence[SourceFile]) -> None:
    """Remember files as they were read, so that an unchanged one need not be read again."""
    now = datetime.now(UTC)
    rows = [{**asdict(file), "stem": stem(file.uri), "seen_at": now} for file in files]
    change = ("corpus", "size", "mtime_ns", "recording_id", "seen_at")
    upsert(tx, source_file, rows, change)


def source_files(tx: Connection, uris: Sequence[str]) -> dict[str, SourceFile]:
    """What is remembered of these files, by uri; unknown ones are absent."""
    columns = [source_file.c[name] for name in SourceFile.__dataclass_fields__]
    found = {}
    for some in parts(uris):
        for row in tx.execute(sa.select(*columns).where(source_file.c.uri.in_(some))):
            found[row.uri] = SourceFile(**row._mapping)
    return found


def stem(path: str) -> str:
    """A file's name without folder and suffix."""
    return PurePosixPath(path).stem

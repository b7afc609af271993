"""Recordings, and the files they were read from."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.file_names import stem
from db.inserting import among, insert_new, parts, upsert
from db.records import Recording, SourceFile
from db.schema import recording, source_file
from db.speakers import meet

_COLUMNS = [recording.c[name] for name in Recording.__dataclass_fields__]
_KEPT = {"id", "content_sha256", "added_at", "duration_s", "sample_rate_hz", "n_channels"}
"""What is true of the sound itself, and when it came: never revised."""


def add(tx: Connection, recordings: Sequence[Recording]) -> list[str]:
    """Store recordings whose content is not there yet; returns the ids of those that are new.

    Speakers nobody has heard of before are stored with them. Of several with one id the first
    counts.
    """
    first = {one.id: one for one in reversed(recordings)}
    first = {one.id: first[one.id] for one in recordings}
    meet(tx, first.values())
    rows = [{**vars(one), "stem": stem(one.path or one.uri)} for one in first.values()]
    new = {row.id for row in insert_new(tx, recording, rows)}
    return [identity for identity in first if identity in new]


def revise(tx: Connection, recordings: Sequence[Recording]) -> list[str]:
    """Bring what is said of known recordings up to date: metadata, consent, where they lie.

    Returns the ids of those that had been described otherwise. Unknown ones are passed over.
    """
    given = {one.id: one for one in recordings}
    changed = {}
    for some in parts(list(given)):
        for row in tx.execute(sa.select(*_COLUMNS).where(among(tx, recording.c.id, some))):
            before, now = row._mapping, vars(given[row.id])
            if any(before[name] != now[name] for name in now.keys() - _KEPT):
                changed[row.id] = given[row.id]
    if changed:
        meet(tx, changed.values())
        names = [*(c.name for c in _COLUMNS if c.name not in _KEPT), "stem"]
        tx.execute(
            sa.update(recording)
            .where(recording.c.id == sa.bindparam("which"))
            .values({name: sa.bindparam(f"to_{name}") for name in names}),
            [
                {"which": one.id, "to_stem": stem(one.path or one.uri)}
                | {f"to_{name}": value for name, value in vars(one).items()}
                for one in changed.values()
            ],
        )
    return [identity for identity in given if identity in changed]


def get(tx: Connection, identity: str) -> Recording | None:
    """A recording by id, or None."""
    return get_many(tx, [identity]).get(identity)


def get_many(tx: Connection, ids: Sequence[str]) -> dict[str, Recording]:
    """Recordings by id; unknown ones are absent."""
    found = {}
    for some in parts(ids):
        for row in tx.execute(sa.select(*_COLUMNS).where(among(tx, recording.c.id, some))):
            found[row.id] = Recording(**row._mapping)
    return found


def replaced(tx: Connection) -> set[str]:
    """Ids of recordings that no file holds any more, for the file they lay in holds another."""
    r, f = recording.c, source_file.c
    elsewhere = sa.exists().where(f.recording_id == r.id)
    another = sa.exists().where(f.uri == r.uri, f.recording_id != r.id)
    return set(tx.scalars(sa.select(r.id).where(another, ~elsewhere)))


def note_files(tx: Connection, files: Sequence[SourceFile]) -> None:
    """Remember files as they were read, so that an unchanged one need not be read again."""
    now = datetime.now(UTC)
    rows = [{**vars(file), "stem": stem(file.uri), "seen_at": now} for file in files]
    change = ("corpus", "size", "mtime_ns", "file_sha256", "recording_id", "seen_at")
    upsert(tx, source_file, rows, change)


def source_files(tx: Connection, uris: Sequence[str]) -> dict[str, SourceFile]:
    """What is remembered of these files, by uri; unknown ones are absent."""
    columns = [source_file.c[name] for name in SourceFile.__dataclass_fields__]
    found = {}
    for some in parts(uris):
        for row in tx.execute(sa.select(*columns).where(among(tx, source_file.c.uri, some))):
            found[row.uri] = SourceFile(**row._mapping)
    return found

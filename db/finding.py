"""Finding segments by whatever names people use for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from db.file_names import pieces, stem
from db.inserting import among, parts, present
from db.records import Resolved
from db.schema import recording, segment, source_file

_SAME_TIME_S = 0.002


def resolve_items(tx: Connection, keys: Sequence[str]) -> Resolved:
    """Segment ids by what people call them. The first of these that fits decides: a segment's id;
    a recording's id; a path or address, in full; the end of one, from a folder's name on (such as
    `samples/a.wav` or the bare file name); a file's stem.

    The name of a recording stands for its only segment without a parent, or else for the one that
    is as long as the recording. A name that fits several recordings, or a recording cut up
    without such a segment, is ambiguous.
    """
    wanted = list(dict.fromkeys(keys))
    found = {key: key for key in present(tx, segment.c.id, wanted)}
    unknown = [key for key in wanted if key not in found]
    named = _recordings(tx, unknown)
    whole = _whole_segments(tx, {identity for fits in named.values() for identity in fits})
    ambiguous: dict[str, int] = {}
    for key, fits in named.items():
        segments = [one for identity in fits for one in whole.get(identity, ())]
        if len(segments) == 1:
            found[key] = segments[0]
        elif segments:
            ambiguous[key] = len(segments)
    left = tuple(key for key in unknown if key not in found and key not in ambiguous)
    return Resolved({key: found[key] for key in wanted if key in found}, ambiguous, left)


def _recordings(tx: Connection, keys: Sequence[str]) -> dict[str, set[str]]:
    """Recordings that each key names, by the strongest kind of name that fits any."""
    named = {key: {key} for key in present(tx, recording.c.id, keys)}
    keys = [key for key in keys if key not in named]
    files = _Files({len(pieces(key)) for key in keys})
    # A key is looked for as a file's name and as a bare stem, which may have dots itself.
    stems = {stem(key) for key in keys} | set(keys)
    r, f = recording.c, source_file.c
    for some in parts(sorted(stems)):
        files.take(tx.execute(sa.select(r.id, r.path, r.uri).where(among(tx, r.stem, some))))
        noted = sa.select(f.recording_id, f.uri).where(among(tx, f.stem, some))
        files.take(tx.execute(noted.where(f.recording_id.is_not(None))))
    return named | {key: fits for key in keys if (fits := files.named(key))}


class _Files:
    """Recordings by the full names, the ends of the names and the stems of their files."""

    def __init__(self, depths: set[int]) -> None:
        """`depths`: of how many pieces the ends are that will be asked for."""
        self._depths = depths
        self._by_name: dict[str, set[str]] = {}
        self._by_end: dict[str, set[str]] = {}
        self._by_stem: dict[str, set[str]] = {}

    def take(self, rows: Iterable[Sequence[str | None]]) -> None:
        """Add files: the recording's id, then the names it goes by."""
        for identity, *names in rows:
            for name in names:
                if identity is None or name is None:
                    continue
                known = self._by_name.setdefault(name, set())
                if identity in known:
                    continue
                known.add(identity)
                steps = pieces(name)
                for depth in self._depths:
                    if depth <= len(steps):
                        self._by_end.setdefault("/".join(steps[-depth:]), set()).add(identity)
                self._by_stem.setdefault(stem(name), set()).add(identity)

    def named(self, key: str) -> set[str] | None:
        """The recordings that a key names, or None."""
        end = "/".join(pieces(key))
        return self._by_name.get(key) or self._by_end.get(end) or self._by_stem.get(key)


@dataclass(frozen=True)
class _Top:
    """A segment without a parent, and whether it is as long as its recording."""

    id: str
    is_whole: bool


def _whole_segments(tx: Connection, recordings: set[str]) -> dict[str, list[str]]:
    """The segment that stands for each recording; several where none of them does."""
    tops: dict[str, list[_Top]] = {}
    s, r = segment.c, recording.c
    is_whole = sa.and_(s.start_s <= _SAME_TIME_S, s.end_s >= r.duration_s - _SAME_TIME_S)
    for some in parts(sorted(recordings)):
        query = (
            sa.select(s.recording_id, s.id, is_whole)
            .join_from(segment, recording, s.recording_id == r.id)
            .where(among(tx, s.recording_id, some), s.parent_id.is_(None))
            .order_by(s.seq)
        )
        for identity, segment_id, whole in tx.execute(query):
            tops.setdefault(identity, []).append(_Top(segment_id, bool(whole)))
    return {
        identity: [one.id for one in there if one.is_whole or len(there) == 1] or
        [one.id for one in there]
        for identity, there in tops.items()
    }  # fmt: skip

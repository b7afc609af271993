"""Speakers, and which side of the split each is on: decided once, kept for good."""

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import among, parts, upsert
from db.records import Recording, Speaker
from db.schema import recording, segment, speaker

TRAINING, HELD_OUT = "training", "held_out"


def meet(tx: Connection, recordings: Iterable[Recording]) -> None:
    """Store the speakers of recordings; of known ones, what was not known before is filled in."""
    told: dict[str, dict[str, object]] = {}
    for one in recordings:
        row = told.setdefault(one.speaker_id, {"id": one.speaker_id, "gender": None, "age": None})
        row["gender"] = row["gender"] or one.gender
        row["age"] = one.age if row["age"] is None else row["age"]
    if not told:
        return
    # In one order for everybody: two that store the same speakers must not wait for each other.
    upsert(tx, speaker, [told[name] for name in sorted(told)], ("gender", "age"), fill=True)


def list_speakers(tx: Connection) -> list[Speaker]:
    """All speakers, by id."""
    columns = [speaker.c[name] for name in Speaker.__dataclass_fields__]
    rows = tx.execute(sa.select(*columns))
    return sorted((Speaker(**row._mapping) for row in rows), key=lambda one: one.id)


def assign_splits(tx: Connection, *, held_out_fraction: float = 0.25, seed: int = 0) -> int:
    """Put speakers that have no side yet on one; returns how many were decided.

    Taken in an order that only a seeded hash of the name decides (and so that no gender falls
    behind), speakers are held out while they fit into the fraction of segments wanted; the last
    one is whoever comes nearest to it. From two speakers on, each side has one; a speaker alone is
    for training. A speaker's side never changes. Raises ValueError unless the fraction lies in
    [0, 1).
    """
    if not 0 <= held_out_fraction < 1:
        raise ValueError(f"held_out_fraction {held_out_fraction} is not from 0 to below 1")
    known, sizes = _speakers(tx)
    undecided = [one for one in known if one.split is None]
    if not undecided:
        return 0
    held = set[str]()
    if held_out_fraction > 0 and len(known) > 1:
        held = _choose(known, sizes, held_out_fraction, seed)
    for side in (TRAINING, HELD_OUT):
        ids = [one.id for one in undecided if (one.id in held) == (side == HELD_OUT)]
        for some in parts(ids):
            still_open = (among(tx, speaker.c.id, some), speaker.c.split.is_(None))
            tx.execute(sa.update(speaker).where(*still_open).values(split=side))
    return len(undecided)


def _speakers(tx: Connection) -> tuple[list[Speaker], dict[str, int]]:
    """All speakers, and how many segments each has spoken."""
    n_segments = (
        sa.select(recording.c.speaker_id, sa.func.count().label("n"))
        .join_from(recording, segment, segment.c.recording_id == recording.c.id)
        .group_by(recording.c.speaker_id)
    )
    sizes = {row.speaker_id: int(row.n) for row in tx.execute(n_segments)}
    return list_speakers(tx), sizes


def _choose(
    known: Sequence[Speaker], sizes: dict[str, int], fraction: float, seed: int
) -> set[str]:
    """The undecided speakers that are to be held out."""
    wanted: defaultdict[str, float] = defaultdict(float)
    waiting: dict[str, deque[Speaker]] = {}
    for one in sorted(known, key=lambda one: _draw(seed, one.id)):
        n, gender = sizes.get(one.id, 0), one.gender or ""
        wanted[gender] += n * fraction
        if one.split is None:
            waiting.setdefault(gender, deque()).append(one)
        elif one.split == HELD_OUT:
            wanted[gender] -= n
    undecided = [one for queue in waiting.values() for one in queue]
    missing = fraction * sum(sizes.values()) - sum(
        sizes.get(one.id, 0) for one in known if one.split == HELD_OUT
    )
    target, held = missing, set[str]()
    while waiting:
        gender = max(sorted(waiting), key=lambda gender: wanted[gender])
        one = waiting[gender].popleft()
        n = sizes.get(one.id, 0)
        if 0 < n <= missing:
            held.add(one.id)
            missing -= n
            wanted[gender] -= n
        if not waiting[gender]:
            del waiting[gender]
    # One more that is too large for what is missing may still come nearer than none.
    last = min(
        (one for one in undecided if one.id not in held),
        key=lambda one: abs(missing - sizes.get(one.id, 0)),
        default=None,
    )
    if last is not None and abs(missing - sizes.get(last.id, 0)) < abs(missing):
        held.add(last.id)
    return _both_sides(known, undecided, sizes, held, target)


def _both_sides(
    known: Sequence[Speaker],
    undecided: Sequence[Speaker],
    sizes: dict[str, int],
    held: set[str],
    target: float,
) -> set[str]:
    """`held`, mended where one side would stay empty."""
    there = {one.split for one in known}
    if HELD_OUT not in there and not held:
        return {min(undecided, key=lambda one: abs(target - sizes.get(one.id, 0))).id}
    if TRAINING not in there and len(held) == len(undecided):
        return held - {max(undecided, key=lambda one: sizes.get(one.id, 0)).id}
    return held


def _draw(seed: int, identity: str) -> str:
    return hashlib.sha256(f"{seed}/{identity}".encode()).hexdigest()

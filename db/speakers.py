"""Speakers, and which side of the split each is on: decided once, kept for good."""

import hashlib

import sqlalchemy as sa
from sqlalchemy import Connection

from db.schema import recording, segment, speaker

TRAINING, HELD_OUT = "training", "held_out"


def assign_splits(tx: Connection, *, held_out_fraction: float = 0.25, seed: int = 0) -> int:
    """Put speakers that have no side yet on one; returns how many were decided.

    Taken in an order that only a seeded hash of the name decides, a speaker is held out when
    that brings the held-out share of segments nearer to the fraction. From two speakers on, each
    side has one. A speaker's side never changes.
    """
    rows = tx.execute(
        sa.select(speaker.c.id, speaker.c.split, sa.func.count(segment.c.seq))
        .join_from(speaker, recording, speaker.c.id == recording.c.speaker_id, isouter=True)
        .join(segment, segment.c.recording_id == recording.c.id, isouter=True)
        .group_by(speaker.c.id, speaker.c.split)
    ).all()
    n_held_out = sum(n for _, split, n in rows if split == HELD_OUT)
    n_known = sum(n for _, split, n in rows if split is not None)
    has = {split for _, split, _ in rows if split is not None}
    undecided = sorted(
        ((i, n) for i, split, n in rows if split is None), key=lambda r: _draw(seed, r[0])
    )
    total = n_known + sum(n for _, n in undecided)
    decided: list[tuple[str, str]] = []
    for left, (identity, n) in zip(range(len(undecided), 0, -1), undecided, strict=True):
        goal = held_out_fraction * total
        nearer = abs(n_held_out + n - goal) < abs(n_held_out - goal)
        # The last one to be decided fills a side that would stay empty.
        last_chance = left == 1 and held_out_fraction > 0 and len(rows) > 1
        held = (nearer and not (last_chance and TRAINING not in has)) or (
            last_chance and HELD_OUT not in has and TRAINING in has
        )
        n_held_out += n if held else 0
        has.add(HELD_OUT if held else TRAINING)
        decided.append((identity, HELD_OUT if held else TRAINING))
    if decided:
        tx.execute(
            sa.update(speaker)
            .where(speaker.c.id == sa.bindparam("who"))
            .values(split=sa.bindparam("side")),
            [{"who": identity, "side": side} for identity, side in decided],
        )
    return len(decided)


def _draw(seed: int, identity: str) -> str:
    return hashlib.sha256(f"{seed}/{identity}".encode()).hexdigest()

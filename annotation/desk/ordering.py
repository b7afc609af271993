"""In which order an annotator meets the clips of a batch: each in another, always the same."""

import hashlib
import random
from functools import lru_cache

import db.batches
from annotation.desk.desk import Desk


@lru_cache(maxsize=512)
def order(desk: Desk, batch_id: str, annotator: str) -> tuple[str, ...]:
    """The segments of a batch in this annotator's order."""
    segments = list(_segments(desk, batch_id))
    random.Random(_seed(desk.rules.seed, batch_id, annotator)).shuffle(segments)
    return tuple(segments)


@lru_cache(maxsize=32)
def _segments(desk: Desk, batch_id: str) -> tuple[str, ...]:
    """The segments of a batch; once it is published they never change."""
    with desk.workspace.reading() as tx:
        return tuple(sorted(db.batches.segment_ids(tx, batch_id)))


def is_repeat_due(desk: Desk, batch_id: str, annotator: str, n_judged: int) -> bool:
    """Whether the clip after `n_judged` judgements is to be a hidden repeat: a seeded draw."""
    drawn = random.Random(_seed(desk.rules.seed, batch_id, annotator, n_judged)).random()
    return drawn < desk.rules.repeat_share


def pick(desk: Desk, batch_id: str, annotator: str, among: list[str]) -> str:
    """One of several segments, by a seeded draw."""
    return random.Random(_seed(desk.rules.seed, batch_id, annotator, *among)).choice(among)


def _seed(*parts: object) -> int:
    said = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big")

"""In which order an annotator meets the clips of a batch: each in another, always the same."""

import hashlib
import random
from functools import lru_cache

import numpy as np

import db.batches
from annotation.desk.desk import Desk


def n_segments(desk: Desk, batch_id: str) -> int:
    """How many segments a batch has."""
    return len(_segments(desk, batch_id))


def part_of_order(desk: Desk, batch_id: str, annotator: str, start: int, n: int) -> list[str]:
    """Segments `start` to `start + n` of a batch in this annotator's order."""
    segments = _segments(desk, batch_id)
    return [segments[i] for i in _permutation(desk, batch_id, annotator)[start : start + n]]


@lru_cache(maxsize=512)
def _permutation(desk: Desk, batch_id: str, annotator: str) -> np.ndarray:
    random = np.random.default_rng(_seed(desk.rules.seed, batch_id, annotator))
    return random.permutation(len(_segments(desk, batch_id))).astype(np.int32)


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

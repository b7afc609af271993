"""Random halves of each item's votes, so that one half can be judged by the other."""

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from labels.votes import Votes
from models.vote_columns import VoteColumns


def halves(
    votes: Votes, *, n_splits: int, max_items: int, seed: int
) -> Iterator[tuple[VoteColumns, VoteColumns]]:
    """Random halves, `n_splits` times, of the votes of items that have at least two.

    At most `max_items` items, drawn at random and renumbered. Which votes are drawn depends on
    what was said by whom, not on the order in which items and votes come.
    """
    key = _content_keys(votes)
    of_item = np.zeros(votes.n_items, dtype=np.uint64)
    np.add.at(of_item, votes.item, key)
    rng = np.random.default_rng(seed)
    able = _draw(votes, of_item, max_items, rng)
    if not len(able):
        return
    place = np.full(votes.n_items, -1)
    place[able] = np.arange(len(able))
    kept = np.flatnonzero(place[votes.item] >= 0)
    kept = kept[np.lexsort((key[kept], place[votes.item[kept]]))]
    item = place[votes.item[kept]]
    for _ in range(n_splits):
        order = np.lexsort((rng.random(len(item)), item))
        starts = np.concatenate([[0], np.cumsum(np.bincount(item))[:-1]])
        rank = np.arange(len(item)) - starts[item]
        odd_one = rng.integers(0, 2, len(able))
        first = (rank + odd_one[item]) % 2 == 0
        yield tuple(
            VoteColumns.of(_subset(votes, kept[order[half]], np.sort(item)[half], len(able)))
            for half in (first, ~first)
        )


def drawn_items(votes: Votes, *, max_items: int, seed: int) -> NDArray[np.int64]:
    """At most `max_items` of the items with two votes or more, drawn as by `halves`."""
    of_item = np.zeros(votes.n_items, dtype=np.uint64)
    np.add.at(of_item, votes.item, _content_keys(votes))
    return _draw(votes, of_item, max_items, np.random.default_rng(seed))


def _draw(
    votes: Votes, of_item: NDArray[np.uint64], max_items: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    able = np.flatnonzero(np.bincount(votes.item, minlength=votes.n_items) >= 2)
    able = able[np.argsort(of_item[able], kind="stable")]  # so that items' order is no matter
    return able[rng.permutation(len(able))[:max_items]]


def _subset(votes: Votes, at: NDArray[np.int64], item: NDArray[np.int64], n_items: int) -> Votes:
    return Votes(
        n_items, votes.n_classes, votes.sources, votes.vocabulary,
        item, votes.source[at], votes.value[at],
    )  # fmt: skip


def _content_keys(votes: Votes) -> NDArray[np.uint64]:
    """A number per vote that depends on who said what, by name, not on places in arrays."""
    of_source = np.array([_hash(name) for name in votes.sources], dtype=np.uint64)
    of_value = np.array([_hash(repr(sorted(v))) for v in votes.vocabulary], dtype=np.uint64)
    if not len(votes.item):
        return np.empty(0, dtype=np.uint64)
    mixed = (of_source[votes.source] ^ of_value[votes.value]) * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ (mixed >> np.uint64(29))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")

"""An order of votes that their content alone decides, so that no answer hangs on how they came.

Random draws go by places in arrays; taken in this order they are the same for the same votes,
whatever the order and the numbers of items, sources and classes.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.votes import Votes

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ordered:
    """The same votes in an order of their own.

    `votes` has the items `items` (n_items,) and the classes `classes` (k,) of those given, in this
    order, and only sources that voted.
    """

    votes: Votes
    items: Ints
    classes: Ints

    def forth(self, proba: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows and columns (n_items, k) of the votes given in this order."""
        return proba[np.ix_(self.items, self.classes)]

    def back(self, proba: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows and columns (n_items, k) in the order of the votes given."""
        out = np.empty_like(proba)
        out[np.ix_(self.items, self.classes)] = proba
        return out


def ordered(votes: Votes) -> Ordered:
    """Items by what was said of them by whom, sources by name, classes by how often they are said.

    Classes said equally often come in the order of who said them; only classes that are alike in
    that too keep theirs.
    """
    by_name = np.array(
        sorted(np.flatnonzero(np.bincount(votes.source)), key=lambda j: votes.sources[j]),
        dtype=np.int64,
    )
    place = np.full(len(votes.sources), -1)
    place[by_name] = np.arange(len(by_name))
    source, allowed = place[votes.source], votes.allowed()
    classes = _class_order(source, allowed[votes.value], len(by_name))
    rank = np.empty(votes.n_classes, dtype=np.int64)
    rank[classes] = np.arange(votes.n_classes)
    renamed = [frozenset(int(rank[c]) for c in value) for value in votes.vocabulary]
    vocabulary = tuple(sorted(renamed, key=sorted))
    at_value = {value: v for v, value in enumerate(vocabulary)}
    value = np.array([at_value[v] for v in renamed], dtype=np.int64)[votes.value]
    names = tuple(votes.sources[j] for j in by_name)
    key = np.zeros(votes.n_items, dtype=np.uint64)
    plain = Votes(votes.n_items, votes.n_classes, names, vocabulary, votes.item, source, value)
    np.add.at(key, votes.item, content_keys(plain))
    items = np.argsort(key, kind="stable")
    at_item = np.empty(votes.n_items, dtype=np.int64)
    at_item[items] = np.arange(votes.n_items)
    item = at_item[votes.item]
    # One number a vote: far quicker than lexsort, and votes of equal number are the same.
    order = np.argsort((item * len(names) + source) * max(len(vocabulary), 1) + value)
    anew = Votes(
        votes.n_items, votes.n_classes, names, vocabulary, item[order], source[order], value[order]
    )
    return Ordered(anew, items, classes)


def drawn_items(votes: Votes, *, max_items: int, seed: int, least_votes: int = 2) -> Ints:
    """At most `max_items` of the items with so many votes or more, at random by their content."""
    key = np.zeros(votes.n_items, dtype=np.uint64)
    np.add.at(key, votes.item, content_keys(votes))
    able = np.flatnonzero(np.bincount(votes.item, minlength=votes.n_items) >= least_votes)
    able = able[np.argsort(key[able], kind="stable")]
    return able[np.random.default_rng(seed).permutation(len(able))[:max_items]]


def content_keys(votes: Votes) -> NDArray[np.uint64]:
    """A number per vote that depends on who said what, by name, not on places in arrays."""
    of_source = np.array([_hash(name) for name in votes.sources], dtype=np.uint64)
    of_value = np.array([_hash(repr(sorted(v))) for v in votes.vocabulary], dtype=np.uint64)
    if not len(votes.item):
        return np.empty(0, dtype=np.uint64)
    mixed = (of_source[votes.source] ^ of_value[votes.value]) * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ (mixed >> np.uint64(29))


def _class_order(source: Ints, allowed: NDArray[np.bool_], n_sources: int) -> Ints:
    """Classes by votes, most first, then by the votes of each source in turn."""
    said = np.zeros((allowed.shape[1], n_sources + 1), dtype=np.int64)
    for c in range(allowed.shape[1]):
        said[c, 1:] = np.bincount(source[allowed[:, c]], minlength=n_sources)
    said[:, 0] = said[:, 1:].sum(axis=1)
    return np.lexsort(-said.T[::-1])


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")

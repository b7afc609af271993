"""Votes: what sources (labelling functions, annotators) said of items, on one dimension.

Sparse, so that thousands of annotators with a few votes each cost what their votes cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ABSTAIN = -1

Value = frozenset[int]
"""What a vote says: the set of class indices it allows. One class is the plain case."""


@dataclass(frozen=True)
class Votes:
    """The votes cast on one dimension; an abstention is simply not there.

    `item`, `source`, `value` are int arrays of equal length (n_votes,): vote v says of item
    `item[v]` that its class lies in `vocabulary[value[v]]`, and `sources[source[v]]` said so.
    `vocabulary` holds each value once, non-empty sets of class indices in [0, n_classes).
    """

    n_items: int
    n_classes: int
    sources: tuple[str, ...]
    vocabulary: tuple[Value, ...]
    item: NDArray[np.int64]
    source: NDArray[np.int64]
    value: NDArray[np.int64]

    def __post_init__(self) -> None:
        if not len(self.item) == len(self.source) == len(self.value):
            raise ValueError(
                f"item, source and value must be equally long, not "
                f"{len(self.item)}, {len(self.source)}, {len(self.value)}"
            )
        for name, array, end in (
            ("item", self.item, self.n_items),
            ("source", self.source, len(self.sources)),
            ("value", self.value, len(self.vocabulary)),
        ):
            if len(array) and not 0 <= array.min() <= array.max() < end:
                raise ValueError(f"{name} holds an index outside [0, {end})")
        for allowed in self.vocabulary:
            if not allowed or not 0 <= min(allowed) <= max(allowed) < self.n_classes:
                raise ValueError(
                    f"value {sorted(allowed)} is not a non-empty set of classes in "
                    f"[0, {self.n_classes})"
                )

    @classmethod
    def empty(cls, n_items: int, n_classes: int) -> "Votes":
        """No votes at all on `n_items` items."""
        none = np.empty(0, dtype=np.int64)
        return cls(n_items, n_classes, (), (), none, none, none)

    @classmethod
    def from_dense(
        cls, matrix: NDArray[np.int64], n_classes: int, sources: Sequence[str] | None = None
    ) -> "Votes":
        """From a Snorkel-style matrix (n_items, n_sources) of class indices, -1 = abstain."""
        matrix = np.asarray(matrix)
        if matrix.ndim != 2:
            raise ValueError(f"votes must be (n_items, n_sources), not of shape {matrix.shape}")
        if matrix.size and not ABSTAIN <= matrix.min() <= matrix.max() < n_classes:
            raise ValueError(f"votes must lie in [-1, {n_classes})")
        item, source = np.nonzero(matrix != ABSTAIN)
        names = sources if sources is not None else [f"source_{j}" for j in range(matrix.shape[1])]
        return cls(
            n_items=matrix.shape[0],
            n_classes=n_classes,
            sources=tuple(names),
            vocabulary=tuple(frozenset({c}) for c in range(n_classes)),
            item=item.astype(np.int64),
            source=source.astype(np.int64),
            value=matrix[item, source].astype(np.int64),
        )

    def to_dense(self) -> NDArray[np.int64]:
        """As a Snorkel-style matrix (n_items, n_sources); a vote for a set of classes abstains.

        Where a source voted twice on an item its last vote stands.
        """
        single = np.array(
            [next(iter(v)) if len(v) == 1 else ABSTAIN for v in self.vocabulary], dtype=np.int64
        )
        matrix = np.full((self.n_items, len(self.sources)), ABSTAIN, dtype=np.int64)
        if len(self.item):
            matrix[self.item, self.source] = single[self.value]
        return matrix

    def allowed(self) -> NDArray[np.bool_]:
        """(len(vocabulary), n_classes): which classes each value allows."""
        table = np.zeros((len(self.vocabulary), self.n_classes), dtype=bool)
        for row, value in enumerate(self.vocabulary):
            table[row, sorted(value)] = True
        return table

    def of_items(self, items: NDArray[np.int64]) -> "Votes":
        """The votes on these items (distinct indices), renumbered in their order."""
        place = np.full(self.n_items, -1)
        place[items] = np.arange(len(items))
        item = place[self.item]
        return self._kept(item >= 0, item, len(items))

    def of_sources(self, kept: NDArray[np.bool_]) -> "Votes":
        """The votes of these sources (n_sources,); the others stay as names without votes."""
        return self._kept(kept[self.source], self.item, self.n_items)

    def _kept(self, kept: NDArray[np.bool_], item: NDArray[np.int64], n_items: int) -> "Votes":
        return Votes(
            n_items,
            self.n_classes,
            self.sources,
            self.vocabulary,
            item[kept],
            self.source[kept],
            self.value[kept],
        )

    def merge(self, other: "Votes") -> "Votes":
        """Both, over the same items and classes; equal values and source names are joined."""
        if (self.n_items, self.n_classes) != (other.n_items, other.n_classes):
            raise ValueError(
                f"cannot merge votes on {self.n_items} items x {self.n_classes} classes with "
                f"votes on {other.n_items} x {other.n_classes}"
            )
        sources = tuple(dict.fromkeys((*self.sources, *other.sources)))
        vocabulary = tuple(dict.fromkeys((*self.vocabulary, *other.vocabulary)))
        source_at = {name: j for j, name in enumerate(sources)}
        value_at = {value: j for j, value in enumerate(vocabulary)}
        source_of = np.array([source_at[s] for s in other.sources], dtype=np.int64)
        value_of = np.array([value_at[v] for v in other.vocabulary], dtype=np.int64)
        return Votes(
            n_items=self.n_items,
            n_classes=self.n_classes,
            sources=sources,
            vocabulary=vocabulary,
            item=np.concatenate([self.item, other.item]),
            source=np.concatenate([self.source, source_of[other.source]]),
            value=np.concatenate([self.value, value_of[other.value]]),
        )

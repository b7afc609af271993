"""Ratings: who gave which number to which item. What agreement is measured on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labels.votes import Votes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ratings:
    """One number an item and rater, sparse; an item somebody did not rate is simply not there.

    `item`, `rater` (indices) and `value` (float) are (n_ratings,), sorted by item, then rater,
    each pair at most once. For classes the value is the class index. Build with `of`.
    """

    n_items: int
    raters: tuple[str, ...]
    item: Ints
    rater: Ints
    value: Floats

    @classmethod
    def of(
        cls,
        n_items: int,
        raters: Sequence[str],
        item: ArrayLike,
        rater: ArrayLike,
        value: ArrayLike,
    ) -> "Ratings":
        """From ratings in the order they were given; a rater's last one on an item stands.

        Ratings that are not finite are left out. Raises ValueError for unequal lengths or an
        index out of range.
        """
        items, of = np.asarray(item, dtype=np.int64), np.asarray(rater, dtype=np.int64)
        said = np.asarray(value, dtype=np.float64)
        if not items.shape == of.shape == said.shape or items.ndim != 1:
            raise ValueError(
                f"item, rater and value must be equally long, not {items.shape}, {of.shape}, "
                f"{said.shape}"
            )
        for name, index, end in (("item", items, n_items), ("rater", of, len(raters))):
            if len(index) and not 0 <= index.min() <= index.max() < end:
                raise ValueError(f"{name} holds an index outside [0, {end})")
        known = np.isfinite(said)
        items, of, said = items[known], of[known], said[known]
        key = items * max(len(raters), 1) + of
        order = np.argsort(key, kind="stable")
        last = np.append(key[order][1:] != key[order][:-1], True)[: len(order)]
        kept = order[last]
        return cls(n_items, tuple(raters), items[kept], of[kept], said[kept])

    @classmethod
    def of_votes(cls, votes: Votes) -> "Ratings":
        """Votes for one class as the class's index; a vote for a set says no single value."""
        single = [next(iter(v)) if len(v) == 1 else np.nan for v in votes.vocabulary]
        said = np.array(single, dtype=np.float64)[votes.value] if single else np.empty(0)
        # The last vote stands even if it is for a set, so sets are dropped after, not before.
        order = np.argsort(votes.item * max(len(votes.sources), 1) + votes.source, kind="stable")
        key = (votes.item * max(len(votes.sources), 1) + votes.source)[order]
        kept = order[np.append(key[1:] != key[:-1], True)[: len(order)]]
        return cls.of(
            votes.n_items, votes.sources, votes.item[kept], votes.source[kept], said[kept]
        )

    @classmethod
    def of_matrix(cls, matrix: ArrayLike, raters: Sequence[str] | None = None) -> "Ratings":
        """From a matrix (n_items, n_raters), NaN where somebody did not rate."""
        cells = np.asarray(matrix, dtype=np.float64)
        if cells.ndim != 2:
            raise ValueError(f"ratings must be (n_items, n_annotators), not of shape {cells.shape}")
        item, rater = np.nonzero(np.isfinite(cells))
        names = raters if raters is not None else [f"rater_{j}" for j in range(cells.shape[1])]
        return cls.of(cells.shape[0], names, item, rater, cells[item, rater])

    def per_item(self) -> Ints:
        """(n_items,) how many rated each item."""
        return np.bincount(self.item, minlength=self.n_items)

    def compared(self) -> "Ratings":
        """The ratings of items that two or more rated; only they tell of agreement."""
        kept = self.per_item()[self.item] > 1
        return Ratings(
            self.n_items, self.raters, self.item[kept], self.rater[kept], self.value[kept]
        )

    def matrix(self) -> Floats | None:
        """(rated items, raters who rated) if each of those rated each of these; else None."""
        items, raters = np.unique(self.item), np.unique(self.rater)
        if not len(self.item) or len(items) * len(raters) != len(self.item):
            return None
        return self.value.reshape(len(items), len(raters))


def sums(index: Ints, values: Floats, n: int) -> Floats:
    """(n,) the sum of `values` by `index`, both (m,)."""
    return np.bincount(index, values, n).astype(np.float64, copy=False)

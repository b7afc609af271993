"""Krippendorff's alpha on weighted items, so that it can be resampled."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from labels.bootstrap import Estimate, over_items, weighted_sum
from labels.ratings import Floats, Ints, Ratings, sums

Level = Literal["nominal", "ordinal", "interval"]
_MANY = 2000
"""From so many items on it is quicker to resample kinds of items."""
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval")


@dataclass(frozen=True)
class Coincidences:
    """How often each value was given to each item that was judged twice or more.

    Cell c: item `item[c]` got value `values[at[c]]` `count[c]` times. `n_in_item` (n_items,) is
    the number of ratings of each of those items, which are numbered anew.
    """

    n_in_item: Floats
    values: Floats
    item: Ints
    at: Ints
    count: Floats

    @classmethod
    def of(cls, item: Ints, value: Floats) -> "Coincidences":
        """From ratings (n_ratings,): their items and values, in any order."""
        _, item, n_in_item = np.unique(item, return_inverse=True, return_counts=True)
        pairable = n_in_item[item] > 1
        renumbered = np.cumsum(n_in_item > 1) - 1
        item, value = renumbered[item[pairable]], value[pairable]
        values, at = np.unique(value, return_inverse=True)
        width = max(len(values), 1)
        cell, count = np.unique(item * width + at, return_counts=True)
        return cls(
            n_in_item[n_in_item > 1].astype(float),
            values,
            cell // width,
            cell % width,
            count.astype(float),
        )

    @property
    def n_items(self) -> int:
        """How many items were judged twice or more."""
        return len(self.n_in_item)

    def kinds(self) -> tuple["Coincidences", Floats]:
        """(one item of each kind, how many there are of it): items that were given the same
        values are of one kind. Itself, each item a kind, where values are too many to tell."""
        width = int(self.count.max(initial=0)) + 1
        if width ** len(self.values) >= 2**53:
            return self, np.ones(self.n_items)
        code = np.bincount(self.item, self.count * float(width) ** self.at, self.n_items)
        _, first, often = np.unique(code, return_index=True, return_counts=True)
        numbers = np.full(self.n_items, -1)
        numbers[first] = np.arange(len(first))
        kept = numbers[self.item] >= 0
        one = Coincidences(
            self.n_in_item[first],
            self.values,
            numbers[self.item[kept]],
            self.at[kept],
            self.count[kept],
        )
        return one, often.astype(float)

    def alpha(self, level: Level, weight: Floats | None = None) -> float:
        """Alpha when item u counts `weight[u]` times (n_items,); NaN where nothing varies."""
        if level not in LEVELS:
            raise ValueError(f"level {level!r} is not one of {', '.join(LEVELS)}")
        if not self.n_items:
            return float("nan")
        weighted = self.count if weight is None else self.count * weight[self.item]
        of_value = sums(self.at, weighted, len(self.values))
        n = of_value.sum()
        if np.count_nonzero(of_value) < 2:
            return float("nan")
        if level == "nominal":
            within = self.n_in_item**2 - np.bincount(self.item, self.count**2, self.n_items)
            between = n**2 - (of_value**2).sum()
        else:
            # The ordinal metric of two values is the distance of their mid-ranks.
            mid_ranks = of_value.cumsum() - of_value / 2
            place = mid_ranks if level == "ordinal" else self.values
            place = place - weighted_sum(of_value, place) / n
            total = np.bincount(self.item, self.count * place[self.at], self.n_items)
            squares = np.bincount(self.item, self.count * place[self.at] ** 2, self.n_items)
            within = 2 * (self.n_in_item * squares - total**2)
            between = 2 * n * weighted_sum(of_value, place**2)
        each = within / (self.n_in_item - 1)
        observed = each.sum() if weight is None else weighted_sum(weight, each)
        return float(1 - (n - 1) * observed / between)


def alpha(
    ratings: Ratings, level: Level, *, n_resamples: int | None = None, seed: int = 0
) -> Estimate:
    """Krippendorff's alpha with a 95 % interval from resampled items.

    Time and memory grow with the number of ratings. Source: Krippendorff 2011.
    """
    found = Coincidences.of(ratings.item, ratings.value)
    often = None
    n_items = found.n_items
    if n_items > _MANY:
        found, often = found.kinds()
    return over_items(
        lambda weight: found.alpha(level, weight),
        n_items,
        n_resamples=n_resamples,
        cost=len(found.count),
        often=often,
        seed=seed,
    )

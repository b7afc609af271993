"""Do those who voted agree? Krippendorff's alpha, and a summary of each source."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from labels.alpha import Coincidences, Level
from labels.ratings import Ratings
from labels.votes import Votes

_ITEMS_AT_ONCE = 1 << 16


def krippendorff_alpha(said: Votes | ArrayLike, level: Level = "nominal") -> float:
    """Agreement beyond chance: 1 is perfect, 0 is chance, below 0 is systematic disagreement.

    `said` is Votes (the class indices are the values; a vote for a set of classes says no single
    value and is left out) or a matrix (n_items, n_annotators), NaN where somebody did not judge.
    Items judged once tell nothing and are left out; of one source's several votes on an item the
    last counts. NaN where nothing was judged twice or where only one value was ever used.
    Time and memory grow with the number of votes, not with items times annotators.
    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    ratings = Ratings.of_votes(said) if isinstance(said, Votes) else Ratings.of_matrix(said)
    return Coincidences.of(ratings.item, ratings.value).alpha(level)


def source_summary(votes: Votes, classes: Sequence[str] | None = None) -> pd.DataFrame:
    """What each source did, as Snorkel's analysis has it, votes for sets included.

    One row a source (index `source`): `n_votes` (items voted on); `coverage`, the share of all
    items; `overlaps`, the share of all items where another source voted too; `conflicts`, the
    share of all items where another source's vote rules this one's out (their sets share no
    class); `polarity`, the values used, as text ("anger|fear, sadness"), by `classes` if given.
    """
    item, source, value = _last_of_each(votes)
    overlap, conflict = _overlap_and_conflict(votes, item, value)
    n_sources = len(votes.sources)
    n_votes = np.bincount(source, minlength=n_sources)
    n_items = max(votes.n_items, 1)
    names = list(classes) if classes is not None else [str(c) for c in range(votes.n_classes)]
    used: list[list[str]] = [[] for _ in votes.sources]
    pairs = np.unique(source * max(len(votes.vocabulary), 1) + value)
    for pair in pairs.tolist():
        j, v = divmod(pair, len(votes.vocabulary))
        used[j].append("|".join(names[c] for c in sorted(votes.vocabulary[v])))
    return pd.DataFrame(
        {
            "n_votes": n_votes,
            "coverage": n_votes / n_items,
            "overlaps": np.bincount(source[overlap], minlength=n_sources) / n_items,
            "conflicts": np.bincount(source[conflict], minlength=n_sources) / n_items,
            "polarity": [", ".join(sorted(texts)) for texts in used],
        },
        index=pd.Index(votes.sources, name="source", dtype=object),
    )


def source_accuracy(votes: Votes, truth: ArrayLike) -> pd.DataFrame:
    """How often each source's votes allow the true class; `truth` (n_items,), -1 = not known.

    One row a source (index `source`): `n_known` votes on items of known truth; `accuracy`, the
    share of them that allow it; `chance`, what the same votes would score on items drawn at
    random. A vote for a large set is often right: only the distance from chance says something.
    """
    target = np.asarray(truth, dtype=float)
    if target.shape != (votes.n_items,):
        raise ValueError(f"truth of shape {target.shape} does not go with {votes.n_items} items")
    known = np.isfinite(target) & (target >= 0)
    classes = np.where(known, target, 0).astype(np.int64)
    rates = np.bincount(classes[known], minlength=votes.n_classes) / max(known.sum(), 1)
    item, source, value = _last_of_each(votes)
    counted = known[item]
    item, source, value = item[counted], source[counted], value[counted]
    allowed = votes.allowed()
    n_known = np.bincount(source, minlength=len(votes.sources))
    right = np.bincount(source, allowed[value, classes[item]], len(votes.sources))
    lucky = np.bincount(source, (allowed @ rates)[value], len(votes.sources))
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {"n_known": n_known, "accuracy": right / n_known, "chance": lucky / n_known},
            index=pd.Index(votes.sources, name="source", dtype=object),
        )


_Ints = NDArray[np.int64]


def _last_of_each(votes: Votes) -> tuple[_Ints, _Ints, _Ints]:
    """item, source, value with one vote an item and source, the last one cast."""
    key = votes.item * max(len(votes.sources), 1) + votes.source
    _, from_the_end = np.unique(key[::-1], return_index=True)
    keep = len(key) - 1 - from_the_end
    return votes.item[keep], votes.source[keep], votes.value[keep]


def _overlap_and_conflict(
    votes: Votes, item: _Ints, value: _Ints
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per vote (sorted by item): is there another on its item; does another rule it out."""
    overlap = np.bincount(item, minlength=votes.n_items)[item] > 1
    conflict = np.zeros(len(item), dtype=bool)
    allowed = votes.allowed().astype(np.float32)
    disjoint = (allowed @ allowed.T == 0).astype(np.float32)
    width = len(votes.vocabulary)
    for start in range(0, votes.n_items, _ITEMS_AT_ONCE):
        # Sorted by item, so that a block of items is a slice, and memory stays bounded.
        a, b = np.searchsorted(item, [start, start + _ITEMS_AT_ONCE])
        if a == b:
            continue
        cell = (item[a:b] - start) * width + value[a:b]
        n_items = int(item[b - 1]) - start + 1
        counts = np.bincount(cell, minlength=n_items * width).reshape(n_items, width)
        against = counts.astype(np.float32) @ disjoint
        conflict[a:b] = against[item[a:b] - start, value[a:b]] > 0
    return overlap, conflict

"""How far those who judged agree: by dimension, by emotion, and who takes what for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.records import Said
from labels.alpha import Level, alpha
from labels.bootstrap import Estimate
from labels.ratings import Ratings
from labels.scheme import Scheme

_RESAMPLES = 500
_RESAMPLES_OF_ONE = 200


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha of a dimension or an emotion, over the segments judged twice or more;
    `share` is how often the emotion was named (of a dimension 1)."""

    name: str
    level: Level
    n_segments: int
    alpha: Estimate
    share: float = 1.0


def ratings_on(judgements: Sequence[Said], scheme: Scheme, dimension: str) -> Ratings:
    """What each expert said of each segment on a dimension: the emotion's class, or the rating."""
    said = [one for one in judgements if one.role == "expert" and dimension in one.values]
    item, items = pd.factorize(np.array([one.segment_id for one in said], dtype=object))
    rater, raters = pd.factorize(np.array([one.annotator for one in said], dtype=object))
    if dimension == "emotion":
        # There are few names and many judgements.
        index = {name: float(scheme.class_index(name)) for name in _named(said)}
        value = [index[one.values[dimension]] for one in said]
    else:
        parse = cache(scheme.scale(dimension).parse)
        value = [parse(one.values[dimension]) for one in said]
    return Ratings.of(len(items), [str(name) for name in raters], item, rater, value)


def _named(said: Sequence[Said]) -> set[str]:
    return {one.values["emotion"] for one in said}


def by_dimension(
    judgements: Sequence[Said], named: Ratings, scheme: Scheme, *, seed: int = 0
) -> list[Agreement]:
    """Alpha of each dimension: classes for the emotion (`named`, its ratings), an ordinal scale
    for the others."""
    found = []
    for dimension in scheme.dimensions:
        is_emotion = dimension == "emotion"
        ratings = named if is_emotion else ratings_on(judgements, scheme, dimension)
        level: Level = "nominal" if is_emotion else "ordinal"
        told = alpha(ratings, level, n_resamples=_RESAMPLES, seed=seed)
        found.append(Agreement(dimension, level, int((ratings.per_item() > 1).sum()), told))
    return found


def by_emotion(named: Ratings, scheme: Scheme, *, seed: int = 0) -> list[Agreement]:
    """Alpha of each emotion against all others: which ones people mean the same by. `named` are
    the emotion's ratings."""
    compared = named.compared()
    found = []
    for nth, name in enumerate(scheme.classes):
        is_it = (compared.value == nth).astype(float)
        one = Ratings(compared.n_items, compared.raters, compared.item, compared.rater, is_it)
        told = alpha(one, "nominal", n_resamples=_RESAMPLES_OF_ONE, seed=seed)
        n_named = len(np.unique(compared.item[is_it > 0]))
        share = float(is_it.mean()) if len(is_it) else 0.0
        found.append(Agreement(name, "nominal", n_named, told, share))
    return found


def confusion(named: Ratings, scheme: Scheme) -> NDArray[np.float64]:
    """(k, k) where one says the emotion of the row, how often another on the same segment says that
    of the column; each pair of people on a segment counts once in each direction, each segment as
    much as its pairs. Rows of emotions nobody named are 0."""
    compared = named.compared()
    k = len(scheme.classes)
    counts = np.zeros((compared.n_items, k))
    np.add.at(counts, (compared.item, compared.value.astype(np.int64)), 1.0)
    pairs: NDArray[np.float64] = counts.T @ counts - np.diag(counts.sum(axis=0))
    return pairs


def shares(pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows as shares; NaN where a row is empty."""
    total = pairs.sum(axis=1, keepdims=True)
    return np.divide(pairs, total, out=np.full_like(pairs, np.nan), where=total > 0)

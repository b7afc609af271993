"""How reliable each rater is, judged by the others who rated the same items."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from labels.alpha import LEVELS, Level
from labels.ratings import Floats, Ints, Ratings

_Z = 1.96
_PRIOR_RATINGS = 2.0
"""Ratings' worth of the crowd's spread in a rater's: a few equal ratings are no certainty."""


@dataclass(frozen=True)
class _Compared:
    """Ratings of items that two or more rated, with what the others on the item said."""

    rater: Ints
    at: Ints
    n_values: int
    agreement: Floats
    chance: Floats
    own: Floats
    others: Floats


def rater_summary(ratings: Ratings, level: Level = "nominal") -> pd.DataFrame:
    """A row a rater (index `rater`), in their order.

    `n_ratings`; `n_compared`, those on items that others rated too; `agreement`, the mean share
    of the others on the item who said the same; `chance`, what the same answers would agree with
    on items drawn at random; `reliability` in [-1, 1] with its 95 % interval `low`..`high`: for
    nominal values (agreement - chance) / (1 - chance), for ordinal and interval ones the
    correlation with the mean of the others (of mid-ranks where ordinal); `favourite`, the value
    given most, `favourite_share` of their compared ratings, and `others_share`, how often the
    others say it of the same items; `bias`, the mean difference from the others' mean (ordinal
    and interval; the values' unit). NaN where nothing is known.
    The others are taken as they are: where they are poor, so is everybody's agreement.
    Linear in the number of ratings. Raises ValueError for an unknown level.
    """
    if level not in LEVELS:
        raise ValueError(f"level {level!r} is not one of {', '.join(LEVELS)}")
    compared = ratings.compared()
    values, at = np.unique(compared.value, return_inverse=True)
    n_raters = len(ratings.raters)
    seen = _compare(compared, values, at, level)
    n = np.bincount(seen.rater, minlength=n_raters)
    agreement = _mean(seen.rater, seen.agreement, n)
    chance = _mean(seen.rater, seen.chance, n)
    favourite, favourite_share, others_share = _favourites(compared, seen, n)
    if level == "nominal":
        reliability, low, high = _beyond_chance(seen, agreement, chance, n)
        bias = np.full(n_raters, np.nan)
    else:
        reliability, low, high = _correlation(seen, n)
        numbers = _compare(compared, values, at, "interval")
        bias = _mean(seen.rater, numbers.own - numbers.others, n)
    return pd.DataFrame(
        {
            "n_ratings": np.bincount(ratings.rater, minlength=n_raters),
            "n_compared": n,
            "agreement": agreement,
            "chance": chance,
            "reliability": reliability,
            "low": low,
            "high": high,
            "favourite": np.append(values, np.nan)[favourite],
            "favourite_share": favourite_share,
            "others_share": others_share,
            "bias": bias,
        },
        index=pd.Index(ratings.raters, name="rater", dtype=object),
    )


def _compare(compared: Ratings, values: Floats, at: Ints, level: Level) -> _Compared:
    k = max(len(values), 1)
    n_in_item = compared.per_item()[compared.item].astype(float)
    _, cell, count = np.unique(compared.item * k + at, return_inverse=True, return_counts=True)
    n_raters = max(len(compared.raters), 1)
    n = np.bincount(compared.rater, minlength=n_raters).astype(float)
    of_value = np.bincount(at, minlength=k).astype(float)
    _, own_cell, own = np.unique(compared.rater * k + at, return_inverse=True, return_counts=True)
    # Chance is measured on what everyone else says: nobody makes their own answers likelier.
    rest = np.maximum(len(at) - n[compared.rater], 1)
    place = of_value.cumsum() - of_value / 2 if level == "ordinal" else values
    own_place = place[at] if len(at) else np.empty(0)
    total = np.bincount(compared.item, own_place, compared.n_items)[compared.item]
    return _Compared(
        rater=compared.rater,
        at=at,
        n_values=k,
        agreement=(count[cell] - 1) / np.maximum(n_in_item - 1, 1),
        chance=(of_value[at] - own[own_cell]) / rest,
        own=own_place,
        others=(total - own_place) / np.maximum(n_in_item - 1, 1),
    )


def _mean(rater: Ints, values: Floats, n: Ints) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.bincount(rater, values, len(n)) / n


def _beyond_chance(
    seen: _Compared, agreement: Floats, chance: Floats, n: Ints
) -> tuple[Floats, Floats, Floats]:
    gain = seen.agreement - seen.chance
    mean = agreement - chance
    spread = np.bincount(seen.rater, (gain - mean[seen.rater]) ** 2, len(n))
    pooled = float(gain.var()) if len(gain) else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (spread + _PRIOR_RATINGS * pooled) / (n - 1 + _PRIOR_RATINGS)
        error = np.sqrt(variance / n) / (1 - chance)
        reliability = mean / (1 - chance)
    low, high = np.clip([reliability - _Z * error, reliability + _Z * error], -1, 1)
    return reliability, low, high


def _correlation(seen: _Compared, n: Ints) -> tuple[Floats, Floats, Floats]:
    """Pearson's r with the others, interval by Fisher's z; NaN below 4 or if one is constant."""
    x = seen.own - _mean(seen.rater, seen.own, n)[seen.rater]
    y = seen.others - _mean(seen.rater, seen.others, n)[seen.rater]
    xx, yy, xy = (np.bincount(seen.rater, part, len(n)) for part in (x * x, y * y, x * y))
    varies = (n >= 4) & (xx > 1e-12 * (1 + xx.max(initial=0))) & (yy > 0)
    r = np.full(len(n), np.nan)
    r[varies] = np.clip(xy[varies] / np.sqrt(xx[varies] * yy[varies]), -1, 1)
    z = np.arctanh(np.clip(r, -0.999999, 0.999999))
    error = 1 / np.sqrt(np.maximum(n - 3, 1))
    return r, np.tanh(z - _Z * error), np.tanh(z + _Z * error)


def _favourites(compared: Ratings, seen: _Compared, n: Ints) -> tuple[Ints, Floats, Floats]:
    """Per rater: index of the value given most (-1 without ratings), its share, and the others'."""
    k = seen.n_values
    cells, count = np.unique(seen.rater * k + seen.at, return_counts=True)
    order = np.lexsort((-cells, count))  # of equally many the first value
    favourite = np.full(len(n), -1, dtype=np.int64)
    most = np.zeros(len(n))
    favourite[cells[order] // k], most[cells[order] // k] = cells[order] % k, count[order]
    in_item = compared.per_item()[compared.item].astype(float)
    keys, on_item = np.unique(compared.item * k + seen.at, return_counts=True)
    wanted = compared.item * k + favourite[seen.rater]
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    said = np.where(keys[at] == wanted, on_item[at], 0) if len(keys) else np.empty(0)
    by_others = (said - (seen.at == favourite[seen.rater])) / np.maximum(in_item - 1, 1)
    with np.errstate(invalid="ignore"):
        return favourite, most / n, _mean(seen.rater, by_others, n)

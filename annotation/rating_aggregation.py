"""From a table of ratings to a mean and a deviation for each item."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from annotation.vote_tables import VoteTable, as_numbers
from labels import metrics
from labels.alpha import Coincidences, Level
from labels.ratings import Floats, Ratings
from models.rating_aggregation import RatedItems, rate

Z_95 = 1.959963984540054
_Gold = tuple[NDArray[np.int64], Floats]


@dataclass(frozen=True)
class ItemRatings:
    """What the ratings amount to, `items` in first-seen order; arrays are (n_items,).

    `mean` and `sd` of each item's value, its 95 % interval `low`..`high`, `rating_sd` of what one
    further rater would say, `n_ratings` that it has. On an ordinal scale `level_proba`
    (n_items, n_levels) is how likely such a rating is to be each of `levels`; else both are empty.
    """

    items: tuple[str, ...]
    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    rating_sd: Floats
    n_ratings: NDArray[np.int64]
    levels: tuple[str, ...]
    level_proba: Floats
    summary: dict[str, Any]


def aggregate_ratings(
    table: VoteTable,
    level: Level,
    *,
    gold: Mapping[str, str] | None = None,
    seed: int = 0,
) -> ItemRatings:
    """A value for each item of a table of numbers, by the mean or a model of raters.

    Held-out ratings decide which; `gold` maps items to true values, of which 30 or more calibrate
    the deviation, and then the figures on gold are cross-fitted. Gold that is no number is told in
    the summary and passed over. Values lie within what was rated (or is gold).
    """
    numbers = table.numbers()
    if numbers is None or level == "nominal":
        raise ValueError("ratings are numbers on an ordinal or interval level")
    ratings = table.ratings(as_classes=False)
    known, odd = _known(table, gold or {})
    found = rate(ratings, gold=known if len(known[0]) else None, seed=seed)
    ends = np.array([numbers.min(), numbers.max(), *known[1]])
    mean = np.clip(found.mean, ends.min(), ends.max())
    low, high = (np.clip(mean + z * found.sd, ends.min(), ends.max()) for z in (-Z_95, Z_95))
    ordinal = level == "ordinal"
    steps = np.unique(numbers)
    summary = _summary(table, ratings, level, found) | {"mean_sd": float(found.sd.mean())}
    if gold is not None:
        summary["gold"] = {
            "n_known": len(known[0]),
            "n_on_other_items": len(gold) - len(known[0]) - len(odd),
            "odd": odd,
            **_on_gold(ratings, found, known),
        }
    return ItemRatings(
        items=table.items,
        mean=mean,
        sd=found.sd,
        low=low,
        high=high,
        rating_sd=found.rating_sd,
        n_ratings=ratings.per_item(),
        levels=tuple(f"{step:g}" for step in steps) if ordinal else (),
        level_proba=level_proba(found.mean, found.rating_sd, steps if ordinal else steps[:0]),
        summary=summary,
    )


def level_proba(mean: Floats, sd: Floats, steps: Floats) -> Floats:
    """(n, len(steps)) P(a rating is each step): a normal distribution cut half-way between."""
    if not len(steps):
        return np.empty((len(mean), 0))
    cuts = (steps[1:] + steps[:-1]) / 2
    below = ndtr((cuts - mean[:, None]) / np.maximum(sd, 1e-12)[:, None])
    edges = np.column_stack([np.zeros(len(mean)), below, np.ones(len(mean))])
    proba: Floats = np.diff(edges, axis=1)
    return proba


def _known(table: VoteTable, gold: Mapping[str, str]) -> tuple[_Gold, list[str]]:
    """(items, values) of gold on rated items, and the items whose gold is no number."""
    place = {name: i for i, name in enumerate(table.items)}
    truth: dict[int, float] = {}
    odd = []
    for item, text in gold.items():
        number = as_numbers([text])
        if number is None:
            odd.append(item)
        elif item in place:
            truth[place[item]] = float(number[0])
    at = np.array(sorted(truth), dtype=np.int64)
    return (at, np.array([truth[i] for i in at.tolist()], dtype=np.float64)), odd


def _on_gold(ratings: Ratings, found: RatedItems, known: _Gold) -> dict[str, Any]:
    at, truth = known
    used = len(found.gold_at) > 0  # then in the same order: both are sorted by item
    mean = found.gold_mean if used else found.mean[at]
    sd = found.gold_sd if used else found.sd[at]
    total = np.bincount(ratings.item, ratings.value, ratings.n_items)[at]
    plain = total / np.maximum(ratings.per_item()[at], 1)
    varies = len(at) > 2 and np.ptp(mean) > 0 and np.ptp(truth) > 0
    figures = {
        "rmse": _root(mean, truth),
        "rmse_of_plain_mean": _root(plain, truth),
        "mae": float(np.abs(mean - truth).mean()) if len(at) else np.nan,
        "pearson": float(np.corrcoef(mean, truth)[0, 1]) if varies else np.nan,
        "ccc": metrics.ccc(mean, truth),
        "within_95": float((np.abs(mean - truth) <= Z_95 * sd).mean()) if len(at) else np.nan,
    }
    how = "cross-fitted over 5 folds" if used else "gold had no part in the values"
    return {name: None if np.isnan(x) else x for name, x in figures.items()} | {"how": how}


def _root(mean: Floats, truth: Floats) -> float:
    return float(np.sqrt(np.mean((mean - truth) ** 2))) if len(truth) else float("nan")


def _summary(table: VoteTable, ratings: Ratings, level: Level, found: RatedItems) -> dict[str, Any]:
    agreed = Coincidences.of(ratings.item, ratings.value).alpha(level)
    return {
        **table.counts(),
        "level": level,
        "lowest": float(ratings.value.min()),
        "highest": float(ratings.value.max()),
        **{
            name: found.report[name]
            for name in (
                "winner",
                "why",
                "rmse_on_held_out_ratings",
                "held_out_ratings_within_90",
                "calibrator",
                "raters",
            )
        },
        "alpha": None if np.isnan(agreed) else agreed,
    }

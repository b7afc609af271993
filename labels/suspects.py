"""Raters to look at: whose answers tell nothing, who always click the same, who turn the scale."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from labels.alpha import Level
from labels.raters import rater_summary
from labels.ratings import Ratings

MIN_COMPARED = 10
"""Ratings of items that others rated too, below which nobody is suspected."""
_ONE_CLASS = 0.9
_STEADY = 3.0  # standard errors
_INTERVAL = 1.96  # standard errors from the middle of a 95 % interval to its end
_FAR_BELOW = 0.5
_HARDLY_ANY = 0.2
_MIN_TYPICAL = 0.05
_FEW = 10


@dataclass(frozen=True)
class Suspect:
    """A rater and what is wrong: `kind` is "one-class clicker", "reversed scale", "contrary" or
    "spammer"; `reason` says it in words and figures."""

    rater: str
    kind: str
    reason: str


def suspects(
    summary: pd.DataFrame, level: Level, name: Callable[[float], str] = "{:g}".format
) -> list[Suspect]:
    """Suspects among the raters of `raters.rater_summary(ratings, level)`, the worst first.

    A *one-class clicker* gives one value 90 % of the time or more, clearly more often than the
    others give it to the same items, and is less than half as reliable as is typical. A
    *reversed scale* (ordinal, interval) or *contrary* answers (nominal) go against the others
    beyond doubt. A *spammer*'s answers have next to nothing to do with the others': reliability
    below a fifth of the typical one, its interval below half. Typical is the median, weighted by
    ratings. With 10 compared ratings or more; where the crowd itself hardly agrees (typical
    below .05) nobody can be told from it. `name` words a value.
    """
    judged = summary[summary["n_compared"] >= MIN_COMPARED]
    typical = typical_reliability(judged)
    if not typical >= _MIN_TYPICAL:
        return []
    found = []
    for rater, row in judged.iterrows():
        told = _one_class(row, typical, name) or _against(row, level) or _spam(row, typical, level)
        if told is not None:
            rank = row["reliability"] if np.isfinite(row["reliability"]) else 0.0
            found.append((rank, Suspect(str(rater), *told)))
    return [suspect for _, suspect in sorted(found, key=lambda pair: (pair[0], pair[1].rater))]


def suspects_among(
    ratings: Ratings, level: Level, name: Callable[[float], str] = "{:g}".format
) -> list[Suspect]:
    """`suspects` among those who gave these ratings. Of a few raters (up to 10) each is also held
    against what is typical of the others *without* them: one spammer of three makes the two
    others look unreliable too, and would not stand out from that."""
    summary = rater_summary(ratings, level)
    found = suspects(summary, level, name)
    if len(ratings.raters) > _FEW:
        return found
    known = {one.rater for one in found}
    for nth, rater in enumerate(ratings.raters):
        row = summary.iloc[nth]
        if rater in known or row["n_compared"] < MIN_COMPARED:
            continue
        others = ratings.rater != nth
        rest = Ratings(
            ratings.n_items,
            ratings.raters,
            ratings.item[others],
            ratings.rater[others],
            ratings.value[others],
        )
        left = rater_summary(rest, level)
        typical = typical_reliability(left[left["n_compared"] >= MIN_COMPARED])
        if typical >= _MIN_TYPICAL:
            told = _one_class(row, typical, name) or _spam(row, typical, level)
            found += [] if told is None else [Suspect(rater, *told)]
    return found


def typical_reliability(summary: pd.DataFrame) -> float:
    """The median reliability, each rater weighing as much as they rated; NaN if none is known."""
    known = summary[np.isfinite(summary["reliability"])].sort_values("reliability", kind="stable")
    if not len(known):
        return float("nan")
    half = known["n_compared"].cumsum() >= known["n_compared"].sum() / 2
    return float(known["reliability"][half].iloc[0])


def _one_class(
    row: pd.Series, typical: float, name: Callable[[float], str]
) -> tuple[str, str] | None:
    share, others, n = row["favourite_share"], row["others_share"], row["n_compared"]
    error = np.sqrt((others * (1 - others) + 1 / n) / n)
    reliable = row["reliability"] >= _FAR_BELOW * typical  # False for NaN: always the same answer
    if share < _ONE_CLASS or reliable or share - others < _STEADY * error:
        return None
    return "one-class clicker", (
        f"says {name(row['favourite'])} on {share:.0%} of {n:,.0f} items, "
        f"of which the others say so on {others:.0%}"
    )


def _against(row: pd.Series, level: Level) -> tuple[str, str] | None:
    # Three standard errors, where the interval has two: many spammers are below chance by luck.
    if not row["reliability"] + _STEADY / _INTERVAL * (row["high"] - row["reliability"]) < 0:
        return None
    if level == "nominal":
        return "contrary", (
            f"agrees with the others on {row['agreement']:.0%} of {row['n_compared']:,.0f} items, "
            f"less than the {row['chance']:.0%} that chance gives: swapped labels?"
        )
    return "reversed scale", (
        f"correlates {row['reliability']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f}) with the "
        f"mean of the others on {row['n_compared']:,.0f} items: high where they are low"
    )


def _spam(row: pd.Series, typical: float, level: Level) -> tuple[str, str] | None:
    if not (row["high"] < _FAR_BELOW * typical and row["reliability"] < _HARDLY_ANY * typical):
        return None
    interval = f"{row['reliability']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
    if level == "nominal":
        return "spammer", (
            f"agrees with the others on {row['agreement']:.0%} of {row['n_compared']:,.0f} items, "
            f"chance gives {row['chance']:.0%}; reliability {interval}, typical {typical:+.2f}"
        )
    return "spammer", (
        f"correlates {interval} with the mean of the others on {row['n_compared']:,.0f} items, "
        f"typical {typical:+.2f}"
    )

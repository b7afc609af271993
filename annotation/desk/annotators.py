"""Each annotator of a batch: how reliable, how steady, how fast, and whether they are stuck."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

import numpy as np

from db.desk_records import Calibration
from db.records import Said
from labels.raters import rater_summary
from labels.ratings import Ratings
from labels.scheme import Scheme
from labels.suspects import suspects_among

PAUSE_S = 15 * 60
"""Longer between two judgements than this is a pause, no work."""

_SOONEST_S = 1.0
"""Nobody hears a clip and judges it in less: such times are a program's, or of answers stored
together, and tell nothing of pace."""


@dataclass(frozen=True)
class Share:
    """How many of how many, and the 95 % interval of the share (Wilson)."""

    n: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share; NaN of nothing."""
        return self.n / self.of if self.of else float("nan")


@dataclass(frozen=True)
class Annotator:
    """What is known of somebody's work.

    `reliability` is agreement with the others on the same segments beyond chance (its 95 %
    interval `low` to `high`), `with_gold` how often they say what was decided, `steady` how often
    they said the same when they got a clip again unknowingly. `median_s` is what a judgement
    takes them, `per_hour` how many they make in an hour of work, pauses left out. `doubt` words
    what is wrong with their answers, `stuck` why they do not go on; "" where nothing is.
    `calibration` is the last one that they finished, whatever the batch.
    """

    name: str
    n_judged: int
    n_compared: int
    reliability: float
    low: float
    high: float
    with_gold: Share
    steady: Share
    cannot_tell: Share
    median_s: float
    per_hour: float
    last_at: datetime | None
    calibration: Calibration | None = None
    doubt: str = ""
    doubt_kind: str = ""
    stuck: str = ""


def annotators(
    judgements: Sequence[Said],
    named: Ratings,
    repeats: Sequence[Said],
    decided: Mapping[str, str],
    scheme: Scheme,
    stuck: Mapping[str, str],
    calibrated: Mapping[str, Calibration],
) -> list[Annotator]:
    """Everybody who judged, and those in `stuck` (name -> why), the least reliable first.

    `judgements` are those that count, `named` the emotions in them, `repeats` the hidden ones,
    `decided` the emotion's class that an adjudicator settled for, by segment.
    """
    summary = rater_summary(named, "nominal")
    doubts = {
        one.rater: one
        for one in suspects_among(named, "nominal", lambda value: scheme.classes[int(value)])
    }
    mine: dict[str, list[Said]] = defaultdict(list)
    for one in judgements:
        if one.role == "expert":
            mine[one.annotator].append(one)
    again: dict[str, list[Said]] = defaultdict(list)
    for one in repeats:
        again[one.annotator].append(one)
    found = []
    for name in sorted({*mine, *stuck}):
        row = summary.loc[name] if name in summary.index else None
        doubt = doubts.get(name)
        found.append(
            Annotator(
                name=name,
                n_judged=len({one.segment_id for one in mine[name]}),
                n_compared=0 if row is None else int(row["n_compared"]),
                reliability=float("nan") if row is None else float(row["reliability"]),
                low=float("nan") if row is None else float(row["low"]),
                high=float("nan") if row is None else float(row["high"]),
                with_gold=with_gold(mine[name], decided, scheme),
                steady=_steady(mine[name], again[name], scheme),
                cannot_tell=share(
                    sum(one.verdict == "cannot tell" for one in mine[name]), len(mine[name])
                ),
                median_s=_median([one.duration_s for one in mine[name]]),
                per_hour=pace(mine[name] + again[name]),
                last_at=max((t for one in mine[name] if (t := one.judged_at)), default=None),
                calibration=calibrated.get(name),
                doubt="" if doubt is None else doubt.reason,
                doubt_kind="" if doubt is None else doubt.kind,
                stuck=stuck.get(name, ""),
            )
        )
    return sorted(found, key=lambda one: (not one.doubt, _nan_last(one.reliability), one.name))


def share(n: int, of: int) -> Share:
    """A share with its interval. Source: Wilson 1927."""
    if not of:
        return Share(0, 0, float("nan"), float("nan"))
    z, p = 1.96, n / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return Share(n, of, float(middle - half), float(middle + half))


def with_gold(said: Sequence[Said], decided: Mapping[str, str], scheme: Scheme) -> Share:
    """How often the class that somebody named is the one that was decided."""
    known = [
        scheme.basic(one.values["emotion"]) == decided[one.segment_id]
        for one in said
        if "emotion" in one.values and one.segment_id in decided
    ]
    return share(sum(known), len(known))


def pace(said: Sequence[Said]) -> float:
    """Judgements in an hour of work: time between two of them, pauses left out.

    NaN below 3, and where they mostly follow one another too fast for somebody to have listened.
    """
    times = sorted(t.timestamp() for one in said if (t := one.judged_at))
    gaps = [b - a for a, b in pairwise(times) if b - a <= PAUSE_S]
    if len(gaps) < 2 or median(gaps) < _SOONEST_S:
        return float("nan")
    return len(gaps) / sum(gaps) * 3600


def _steady(first: Sequence[Said], again: Sequence[Said], scheme: Scheme) -> Share:
    before = {one.segment_id: _said(one, scheme) for one in first}
    same = [
        before[one.segment_id] == _said(one, scheme) for one in again if one.segment_id in before
    ]
    return share(sum(same), len(same))


def _said(one: Said, scheme: Scheme) -> str | None:
    return scheme.basic(one.values["emotion"]) if "emotion" in one.values else one.verdict


def _median(seconds: Sequence[float | None]) -> float:
    known = [one for one in seconds if one is not None]
    return float(median(known)) if known else float("nan")


def _nan_last(value: float) -> float:
    return value if np.isfinite(value) else float("inf")

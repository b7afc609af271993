"""What votes say of a rating: annotators' numbers, functions' hints, or the emotion."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labels.ratings import Floats, Ratings, sums
from labels.scheme import Scale, Scheme
from labels.votes import Votes
from models.aggregation import Aggregate, aggregate
from models.label_model import kinds
from models.rating_aggregation import rate

WITHIN_EMOTION_SD = 0.4
"""How far (on [-1, 1]) clips of one emotion lie from the emotion's usual place on a scale: wider
than raters differ on the bare word (0.2 to 0.4 in Russell & Mehrabian 1977), for clips vary too."""
CLEAR_ERRORS = 3.0
"""Standard errors from zero at which functions' hints are heeded beside annotators' ratings."""
_UNIFORM_SD = 1 / np.sqrt(3)
_VAD = {"valence": 0, "arousal": 1, "dominance": 2}


@dataclass(frozen=True)
class ScaleEstimate:
    """Mean and deviation (n,) of a rating, in the scale's units; NaN where nothing is known."""

    mean: Floats
    sd: Floats


def of_bins(scale: Scale, found: Aggregate) -> ScaleEstimate:
    """From the probabilities of the scale's bins; NaN where nobody voted."""
    mean = found.proba @ scale.centres
    spread = found.proba @ scale.centres**2 - mean**2
    step = _step(scale)
    sd = np.sqrt(np.maximum(spread, 0) + step**2 / 12)  # a bin stands for all ratings in it
    mean[~found.voted], sd[~found.voted] = np.nan, np.nan
    return ScaleEstimate(mean, sd)


def of_annotators(
    scale: Scale,
    votes: Votes,
    functions: frozenset[str] | None,
    gold: tuple[Any, Any] | None,
    seed: int,
) -> tuple[ScaleEstimate, dict[str, Any]]:
    """From annotators' ratings by a model of raters, with functions' hints where they tell.

    NaN on items that no annotator rated. Without items that two annotators rated nothing can
    judge a model of raters, and nothing is told: all NaN, and an empty report.
    """
    is_function = kinds(votes, functions)
    ratings = _ratings(scale, votes, ~is_function)
    nothing = np.full(votes.n_items, np.nan)
    if not np.any(ratings.per_item() > 1):
        return ScaleEstimate(nothing, nothing), {}
    lean = _lean(ratings, _hints(scale, votes, is_function, seed), ratings.per_item() > 0)
    level = Ratings(
        ratings.n_items,
        ratings.raters,
        ratings.item,
        ratings.rater,
        ratings.value - lean[ratings.item],
    )
    known = None
    if gold is not None:
        at = np.asarray(gold[0], dtype=np.int64)
        known = (at, scale.centres[np.asarray(gold[1], dtype=np.int64)] - lean[at])
    found = rate(level, gold=known, resolution=_step(scale), seed=seed)
    report = {name: told for name, told in found.report.items() if name != "raters"}
    report["functions_heeded"] = bool(np.any(lean != 0))
    mean = np.clip(found.mean + lean, scale.low, scale.high)
    return ScaleEstimate(mean, found.sd), report


def implied(scale: Scale, proba: Floats, scheme: Scheme) -> ScaleEstimate | None:
    """From probabilities of emotions (n, k), each spread around its usual place on the scale.

    An emotion the scheme places nowhere may lie anywhere. None where the scheme places none.
    """
    axis = _VAD.get(scale.name)
    if axis is None or not any(e.vad for e in scheme.emotions):
        return None
    place = np.array([e.vad[axis] if e.vad else 0.0 for e in scheme.emotions])
    within = np.array([WITHIN_EMOTION_SD if e.vad else _UNIFORM_SD for e in scheme.emotions])
    centre = proba @ place
    spread = proba @ (within**2 + place**2) - centre**2
    half = (scale.high - scale.low) / 2
    sd = np.sqrt(np.maximum(spread, 0)) * half
    return ScaleEstimate(scale.low + (centre + 1) * half, sd)


def _step(scale: Scale) -> float:
    return (scale.high - scale.low) / (scale.n_bins - 1)


def _ratings(scale: Scale, votes: Votes, is_annotator: NDArray[np.bool_]) -> Ratings:
    """Annotators' votes for one bin as the rating it stands for; each one's last on an item."""
    single = np.array([min(v) if len(v) == 1 else -1 for v in votes.vocabulary], dtype=np.int64)
    said = single[votes.value] if len(single) else np.empty(0, dtype=np.int64)
    kept = is_annotator[votes.source] & (said >= 0)
    return Ratings.of(
        votes.n_items,
        votes.sources,
        votes.item[kept],
        votes.source[kept],
        scale.centres[said[kept]],
    )


def _hints(scale: Scale, votes: Votes, is_function: NDArray[np.bool_], seed: int) -> Floats:
    """(n_items,) where functions alone would put each item, NaN where none voted."""
    kept = is_function[votes.source]
    if not kept.any():
        return np.full(votes.n_items, np.nan)
    place = np.cumsum(is_function) - 1
    names = tuple(np.array(votes.sources, dtype=object)[is_function].tolist())
    alone = Votes(
        votes.n_items,
        votes.n_classes,
        names,
        votes.vocabulary,
        votes.item[kept],
        place[votes.source[kept]],
        votes.value[kept],
    )
    return of_bins(scale, aggregate(alone, functions=frozenset(names), seed=seed)).mean


def _lean(ratings: Ratings, hints: Floats, rated: NDArray[np.bool_]) -> Floats:
    """(n_items,) how far the hints move what is expected of each item before anyone rates it.

    The slope of ratings over hints, where it is clearly not zero; else nothing.
    """
    told = np.isfinite(hints)
    both = told & rated
    nothing = np.zeros(len(hints))
    if both.sum() < 3 or np.ptp(hints[both]) == 0:
        return nothing
    x = np.where(told, hints - hints[both].mean(), 0.0)
    used = both[ratings.item]
    at, value = ratings.item[used], ratings.value[used]
    y = value - value.mean()
    weight = float(np.sum(x[at] ** 2))
    slope = float(x[at] @ y) / weight
    left = sums(at, x[at] * (y - slope * x[at]), len(hints))  # an item's ratings go together
    error = float(np.sqrt(np.sum(left**2))) / weight
    return slope * x if abs(slope) > CLEAR_ERRORS * error and slope > 0 else nothing

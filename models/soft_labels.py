"""Soft labels of a round: what the votes on every dimension of the scheme amount to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labels.scheme import Scale, Scheme
from labels.votes import Votes
from models.aggregation import Aggregate, aggregate

Floats = NDArray[np.float64]

WITHIN_EMOTION_SD = 0.4
"""How far (on [-1, 1]) clips of one emotion lie from the emotion's usual place on a scale: wider
than raters differ on the bare word (0.2 to 0.4 in Russell & Mehrabian 1977), for clips vary too."""
_UNIFORM_SD = 1 / np.sqrt(3)
_VAD = {"valence": 0, "arousal": 1, "dominance": 2}


@dataclass(frozen=True)
class ScaleEstimate:
    """Mean and deviation (n,) of a rating, in the scale's units; NaN where nothing is known."""

    mean: Floats
    sd: Floats


@dataclass(frozen=True)
class SoftLabels:
    """What the votes say of n items.

    `proba` (n, k) over `scheme.classes`; `confidence` (n,) is the probability that its largest
    class is right, 0 where nobody voted; `scales` one estimate per scale; `report` is JSON-able:
    per dimension who won, by how much and why, coverage, conflict, and every source's accuracy.
    """

    proba: Floats
    confidence: Floats
    scales: dict[str, ScaleEstimate]
    report: dict[str, Any]


def soft_labels(
    votes: Mapping[str, Votes],
    scheme: Scheme,
    *,
    gold: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    class_balance: Mapping[str, str | ArrayLike] | None = None,
    functions: Collection[str] | None = None,
    seed: int = 0,
) -> SoftLabels:
    """Probabilities of emotions and estimates on scales, from votes of all kinds of source.

    `votes` holds, per dimension of the scheme, votes on the same items (a dimension may be
    missing, not all of them). `gold[dimension]` is (item indices, class or bin indices).
    `class_balance[dimension]` is "uniform" or shares; learned where it is missing. `functions`
    names the sources that are labelling functions; None takes those that ever vote for a set.
    A scale nobody rated is filled in from the emotion, with a wide deviation, where the scheme
    says where emotions lie. Raises ValueError for votes that do not fit the scheme.
    """
    n_items = _check(votes, scheme)
    named = None if functions is None else frozenset(functions)
    found: dict[str, Aggregate] = {}
    for dimension in scheme.dimensions:
        cast = votes.get(dimension)
        found[dimension] = aggregate(
            Votes.empty(n_items, scheme.n_classes(dimension)) if cast is None else cast,
            gold=(gold or {}).get(dimension),
            class_balance=(class_balance or {}).get(dimension),
            functions=named,
            seed=seed,
        )
    emotion = found["emotion"]
    report = {dimension: one.report for dimension, one in found.items()}
    scales: dict[str, ScaleEstimate] = {}
    for scale in scheme.scales:
        scales[scale.name], n_implied = _scale(scale, found[scale.name], emotion, scheme)
        report[scale.name] = {**report[scale.name], "n_implied_by_emotion": n_implied}
    confidence = np.where(emotion.voted, emotion.proba.max(axis=1), 0.0)
    return SoftLabels(emotion.proba, confidence, scales, report)


def _check(votes: Mapping[str, Votes], scheme: Scheme) -> int:
    for dimension, cast in votes.items():
        if dimension not in scheme.dimensions:
            raise ValueError(
                f"votes on unknown dimension {dimension!r} (known: {', '.join(scheme.dimensions)})"
            )
        if cast.n_classes != scheme.n_classes(dimension):
            raise ValueError(
                f"votes on {dimension} tell {cast.n_classes} values apart, the scheme "
                f"{scheme.n_classes(dimension)}"
            )
    counts = {dimension: cast.n_items for dimension, cast in votes.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"votes must be on the same items, at least one dimension: {counts}")
    return next(iter(counts.values()))


def _scale(
    scale: Scale, rated: Aggregate, emotion: Aggregate, scheme: Scheme
) -> tuple[ScaleEstimate, int]:
    """The estimate on a scale, and on how many items the emotion had to stand in."""
    mean = rated.proba @ scale.centres
    spread = rated.proba @ scale.centres**2 - mean**2
    step = (scale.high - scale.low) / (scale.n_bins - 1)
    sd = np.sqrt(np.maximum(spread, 0) + step**2 / 12)  # a bin stands for all ratings in it
    mean[~rated.voted], sd[~rated.voted] = np.nan, np.nan
    implied = ~rated.voted & emotion.voted
    axis = _VAD.get(scale.name)
    if axis is None or not any(e.vad for e in scheme.emotions):
        return ScaleEstimate(mean, sd), 0
    mean[implied], sd[implied] = _implied(scale, emotion.proba[implied], axis, scheme)
    return ScaleEstimate(mean, sd), int(implied.sum())


def _implied(scale: Scale, proba: Floats, axis: int, scheme: Scheme) -> tuple[Floats, Floats]:
    """Mean and deviation (n,) of a mixture of emotions, each spread around its usual place.

    An emotion the scheme places nowhere may lie anywhere on the scale.
    """
    place = np.array([e.vad[axis] if e.vad else 0.0 for e in scheme.emotions])
    within = np.array([WITHIN_EMOTION_SD if e.vad else _UNIFORM_SD for e in scheme.emotions])
    centre = proba @ place
    spread = proba @ (within**2 + place**2) - centre**2
    half = (scale.high - scale.low) / 2
    return scale.low + (centre + 1) * half, np.sqrt(np.maximum(spread, 0)) * half

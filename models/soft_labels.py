"""Soft labels of a round: what the votes on every dimension of the scheme amount to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labels.scheme import Scale, Scheme
from labels.votes import Votes
from models import scale_estimates
from models.aggregation import Aggregate, aggregate
from models.scale_estimates import ScaleEstimate

Floats = NDArray[np.float64]


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
    `class_balance[dimension]` is "uniform" or shares; where it is missing the scheme's own are
    taken, and without any they are learned. `functions`
    names the sources that are labelling functions; None takes those that ever vote for a set.
    Where annotators rated a scale, a model of raters estimates it (see `rating_aggregation`), with
    functions' votes as hints; where only functions voted, their bins' probabilities do. A scale
    nobody rated is filled in from the emotion, with a wide deviation, where the scheme
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
            class_balance=(class_balance or {}).get(dimension, scheme.shares(dimension)),
            functions=named,
            seed=seed,
        )
    emotion = found["emotion"]
    report = {dimension: one.report for dimension, one in found.items()}
    scales: dict[str, ScaleEstimate] = {}
    for scale in scheme.scales:
        cast = votes.get(scale.name, Votes.empty(n_items, scale.n_bins))
        ours = (gold or {}).get(scale.name)
        numbers = scale_estimates.of_annotators(scale, cast, named, ours, seed)
        rated = found[scale.name]
        scales[scale.name], told = _scale(scale, rated, numbers, emotion, scheme)
        report[scale.name] = {**report[scale.name], **told}
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
    scale: Scale,
    rated: Aggregate,
    by_annotators: tuple[ScaleEstimate, dict[str, Any]],
    emotion: Aggregate,
    scheme: Scheme,
) -> tuple[ScaleEstimate, dict[str, Any]]:
    """The estimate on a scale, and what says on how many items it came from where."""
    of_bins = scale_estimates.of_bins(scale, rated)
    numbers, told = by_annotators
    by_numbers = np.isfinite(numbers.mean)
    mean = np.where(by_numbers, numbers.mean, of_bins.mean)
    sd = np.where(by_numbers, numbers.sd, of_bins.sd)
    report: dict[str, Any] = {"ratings": told, "n_by_ratings": int(by_numbers.sum())}
    fill = ~rated.voted & emotion.voted
    implied = scale_estimates.implied(scale, emotion.proba[fill], scheme)
    if implied is None:
        return ScaleEstimate(mean, sd), report | {"n_implied_by_emotion": 0}
    mean[fill], sd[fill] = implied.mean, implied.sd
    return ScaleEstimate(mean, sd), report | {"n_implied_by_emotion": int(fill.sum())}

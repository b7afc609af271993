"""Learning what raters are like from their ratings alone: expectation-maximisation."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from labels.ratings import Floats, Ints, Ratings, sums
from models.rater_model import KINDS, RaterModel, over_noise, square

NOISE_PRIOR = 8.0
"""Ratings' worth of the common noise in a rater's own."""
UNKNOWN_NOISE = 0.5
"""Share of the ratings' variance taken for noise where no item was rated twice."""
_ITEM_PRIORS = (2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0, 100.0)
_MAX_ROUNDS = 200
_DOUBT = 4.0
"""Two standard errors, squared: within them of 0 a rater's scale counts for little."""


def fit(ratings: Ratings, kind: str, *, resolution: float | None = None) -> RaterModel:
    """The model of this kind that the ratings make likely; its own hyperparameters are learnt.

    Expectation-maximisation with normal priors on shifts and scales whose width the ratings
    decide (raters who do not differ are not told apart), started from the items' means.
    `resolution` is the step ratings are given in (default: the smallest difference between two):
    no rating is exacter than its rounding. Nothing in it is random. Raises ValueError for an
    unknown kind, or without ratings.
    """
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is none of {', '.join(KINDS)}")
    if not len(ratings.item):
        raise ValueError("no ratings to fit a model of raters to")
    start = _start(ratings, kind, _rounding(ratings, resolution))
    if kind == "mean" or not np.any(ratings.per_item() > 1):
        model = start
    else:
        model = _maximise(start, ratings, _rounding(ratings, resolution))
    return _with_item_prior(model, ratings)


def _rounding(ratings: Ratings, resolution: float | None) -> float:
    if resolution is None:
        gaps = np.diff(np.unique(ratings.value))
        resolution = float(gaps.min()) if len(gaps) else 0.0
    return resolution**2 / 12 + 1e-12


def _start(ratings: Ratings, kind: str, rounding: float) -> RaterModel:
    n = ratings.per_item()
    rated = n > 0
    mean = sums(ratings.item, ratings.value, ratings.n_items)[rated] / n[rated]
    place = np.cumsum(rated) - 1
    apart = float(np.sum((ratings.value - mean[place[ratings.item]]) ** 2))
    freedom = len(ratings.item) - int(rated.sum())
    total = float(ratings.value.var())
    within = max(apart / freedom if freedom else UNKNOWN_NOISE * total, rounding)
    spread = max(total - within, 0.05 * within)
    n_raters = len(ratings.raters)
    return RaterModel(
        kind,
        float(ratings.value.mean()),
        np.inf if kind == "mean" else spread,
        np.zeros(n_raters),
        np.ones(n_raters),
        np.full(n_raters, within),
        np.zeros(n_raters),
        np.zeros(n_raters),
        np.ones(n_raters),
        np.inf,
    )


def _maximise(model: RaterModel, ratings: Ratings, rounding: float) -> RaterModel:
    width = (0.1 * float(model.noise[0]), 0.1)
    before = None
    for _ in range(_MAX_ROUNDS):
        mean, variance = model.posterior(ratings)
        if before is not None and np.max(np.abs(mean - before)) < 1e-3 * np.sqrt(model.spread):
            break
        before = mean
        model, width = _improve(model, ratings, (mean, variance), width, rounding)
    return model


def _improve(
    model: RaterModel,
    ratings: Ratings,
    posterior: tuple[Floats, Floats],
    width: tuple[float, float],
    rounding: float,
) -> tuple[RaterModel, tuple[float, float]]:
    """One M-step: spread of values, then raters' shifts and scales, then their noise."""
    mean, variance = posterior
    rated = ratings.per_item() > 0
    spread = float(np.mean(((mean - model.centre) ** 2 + variance)[rated]))
    lines = _lines(model, ratings, posterior, width)
    scale, n = lines.scale, np.bincount(ratings.rater, minlength=len(lines.scale)).astype(float)
    weight = n * lines.heard
    stretch, moved = (
        float(weight @ scale) / weight.sum(),
        float(weight @ lines.shift) / weight.sum(),
    )
    if stretch > 0.2:  # the average rater who listens reads the scale as it is
        scale, spread = scale / stretch, spread * stretch**2
        mean, variance = model.centre + (mean - model.centre) * stretch, variance * stretch**2
    placed = replace(
        model,
        centre=model.centre + moved,
        shift=lines.shift - moved,
        scale=scale,
        shift_variance=lines.shift_variance,
        scale_variance=lines.scale_variance,
        heard=lines.heard,
    )
    left = square(placed, ratings, mean + moved, variance)
    common = max(float(left.mean()), rounding)
    noise = np.full(len(scale), common)
    if model.kind == KINDS[3]:
        own = sums(ratings.rater, left, len(scale))
        noise = np.maximum((own + NOISE_PRIOR * common) / (n + NOISE_PRIOR), rounding)
    return replace(placed, noise=noise, spread=max(spread, 1e-6 * common)), lines.width


@dataclass(frozen=True)
class _Lines:
    """Each rater's line over the values, as in `RaterModel`.

    `width` holds the variances of shifts and of scales between raters.
    """

    shift: Floats
    scale: Floats
    shift_variance: Floats
    scale_variance: Floats
    heard: Floats
    width: tuple[float, float]


def _lines(
    model: RaterModel,
    ratings: Ratings,
    posterior: tuple[Floats, Floats],
    width: tuple[float, float],
) -> _Lines:
    mean, variance = posterior
    rater, n_raters = ratings.rater, len(model.scale)
    none, whole = np.zeros(n_raters), np.ones(n_raters)
    if model.kind == KINDS[1]:
        return _Lines(model.shift, model.scale, none, none, whole, width)
    x, y = (mean - model.centre)[ratings.item], ratings.value - model.centre
    sx, sy = (sums(rater, part, n_raters) for part in (x, y))
    n = np.bincount(rater, minlength=n_raters) + model.noise / width[0]
    floor = 1e-6 * float(model.noise.mean())
    if model.kind == KINDS[2]:
        shift, unsure = (sy - sx) / n, model.noise / n
        wide = max(float(np.mean(shift**2 + unsure)), floor)
        return _Lines(shift, model.scale, unsure, none, whole, (wide, width[1]))
    pull = model.noise / width[1]
    sxx = sums(rater, x * x + variance[ratings.item], n_raters) + pull
    sxy = sums(rater, x * y, n_raters) + pull
    determinant = n * sxx - sx**2
    shift, scale = (sxx * sy - sx * sxy) / determinant, (n * sxy - sx * sy) / determinant
    unsure, open_ = model.noise * sxx / determinant, model.noise * n / determinant
    wide = max(float(np.mean(shift**2 + unsure)), floor)
    heard = np.where(scale > 0, scale**2 / (scale**2 + _DOUBT * open_), 0.0)
    wide_scale = max(float(np.mean((scale - 1) ** 2 + open_)), 1e-6)
    return _Lines(shift, scale, unsure, open_, heard, (wide, wide_scale))


def _with_item_prior(model: RaterModel, ratings: Ratings) -> RaterModel:
    """How much items differ in how far people agree on them, by marginal likelihood."""
    n: Ints = ratings.per_item()
    several: NDArray[np.bool_] = n > 1
    left = over_noise(model, ratings, *model.posterior(ratings))[several]
    count = n[several].astype(float)
    best, most = np.inf, -0.5 * float(left.sum())
    for prior in _ITEM_PRIORS:
        found = gammaln((prior + count) / 2) - gammaln(prior / 2)
        found += prior / 2 * np.log(prior / 2) - (prior + count) / 2 * np.log((prior + left) / 2)
        if float(found.sum()) > most:
            best, most = prior, float(found.sum())
    return replace(model, item_prior=best)

"""What gold says of estimated values: how far off they are, and on what scale."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from labels.ratings import Floats, Ints

N_FOLDS = 5
CLEAR_ERRORS = 2.0
"""Standard errors by which moving the means must pay: the crowd's scale is left where it can be."""
_PULL = 0.1
"""How strongly the factor on the variance is held to 1, in nats at a factor of e."""


@dataclass(frozen=True)
class GoldLine:
    """value = offset + slope mean, with variance factor x variance + apart.

    `apart` is what gold and the crowd differ by however many vote: other people, another sense
    of the question.
    """

    offset: float
    slope: float
    factor: float
    apart: float

    def __call__(self, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Mean and variance (n,) as gold would have them."""
        return self.offset + self.slope * mean, self.slope**2 * self.factor * variance + self.apart


@dataclass(frozen=True)
class OnGold:
    """The line chosen, whether it moves the means, and cross-fitted answers on the gold items."""

    line: GoldLine
    moves: bool
    mean: Floats
    variance: Floats


def calibrate(mean: Floats, variance: Floats, truth: Floats, *, seed: int = 0) -> OnGold:
    """From estimates and true values (n_gold,) on the same items.

    The variance is always fitted; the means are moved by a line only where that foretells
    held-out gold better by two standard errors. `mean` and `variance` of the answer are
    cross-fitted: no item's gold had a part in its own.
    """
    fold = np.random.default_rng(seed).permutation(len(truth)) % N_FOLDS
    plain, moved = (_cross(mean, variance, truth, fold, free) for free in (False, True))
    gain = _loss(*plain, truth) - _loss(*moved, truth)
    moves = bool(gain.mean() > CLEAR_ERRORS * gain.std() / np.sqrt(len(gain)))
    chosen = moved if moves else plain
    return OnGold(_line(mean, variance, truth, moves), moves, *chosen)


def _cross(
    mean: Floats, variance: Floats, truth: Floats, fold: NDArray[np.int64], free: bool
) -> tuple[Floats, Floats]:
    answers = np.empty((2, len(truth)))
    for held in range(N_FOLDS):
        out: NDArray[np.bool_] = fold == held
        if out.any() and not out.all():
            line = _line(mean[~out], variance[~out], truth[~out], free)
            answers[:, out] = line(mean[out], variance[out])
    return answers[0], answers[1]


def _line(mean: Floats, variance: Floats, truth: Floats, free: bool) -> GoldLine:
    offset, slope = 0.0, 1.0
    if free and np.ptp(mean) > 0:
        weight = 1 / (variance + np.mean((truth - mean) ** 2))
        x, y = np.average(mean, weights=weight), np.average(truth, weights=weight)
        slope = float(weight @ ((mean - x) * (truth - y)) / (weight @ (mean - x) ** 2))
        offset = float(y - slope * x)
    spread = slope**2 * variance
    square = (truth - offset - slope * mean) ** 2
    unit = max(float(square.mean()), 1e-12)

    def cost(at: Floats) -> float:
        total = np.exp(at[0]) * spread + unit * np.exp(at[1])
        return float(np.sum(np.log(total) + square / total) / 2 + _PULL * at[0] ** 2)

    starts: list[Floats] = [np.array([0.0, -4.0]), np.array([0.0, -0.2])]
    found = min(
        (minimize(cost, start, method="L-BFGS-B", bounds=[(-4, 4), (-16, 2)]) for start in starts),
        key=lambda one: float(one.fun),
    )
    return GoldLine(offset, slope, float(np.exp(found.x[0])), unit * float(np.exp(found.x[1])))


def _loss(mean: Floats, variance: Floats, truth: Floats) -> Floats:
    return (np.log(2 * np.pi * variance) + (truth - mean) ** 2 / variance) / 2


def known(gold: tuple[object, object], rated: NDArray[np.bool_]) -> tuple[Ints, Floats]:
    """Gold on rated items, in their order: (items, values). Raises ValueError for bad gold."""
    at, truth = np.asarray(gold[0], dtype=np.int64), np.asarray(gold[1], dtype=np.float64)
    if at.shape != truth.shape or at.ndim != 1:
        raise ValueError(f"gold must be two equally long arrays, not {at.shape} and {truth.shape}")
    if len(at) and not 0 <= at.min() <= at.max() < len(rated):
        raise ValueError(f"gold names item {at.min()}..{at.max()}; items are 0..{len(rated) - 1}")
    if not np.isfinite(truth).all():
        raise ValueError("gold must be finite numbers")
    kept = np.flatnonzero(rated[at])
    kept = kept[np.argsort(at[kept], kind="stable")]
    return at[kept], truth[kept]

"""What a row counts in training: weak labels beside gold, rare emotions beside common ones."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

WEAK_WORTH = 50.0
"""All weak labels together weigh as much as this many gold labels; see `weak_factor`.

On nEMO, one speaker left out, shipped labelling functions, UAR with gold alone / with weak labels
worth 50: .315 / .429 at 14 gold labels, .356 / .446 at 28, .446 / .464 at 56, .462 / .483 at 112,
.479 / .503 at 224; a worth of 7 or 15 was behind it below 224 and level there.
"""


SHARPNESS = 2.0
"""The power of a weak label's probabilities that is learnt from, where people voted; 1: as it is.

A model learns its decisions from what is likely, and what is sure of itself shows the way best;
hard labels alone would do, but for labels that are in doubt. Labelling functions err together, so
that what they say alone is not learnt sharper than it is. See docs/model.md.
"""


def weak_factor(weight: ArrayLike, is_gold: ArrayLike, worth: float = WEAK_WORTH) -> float:
    """What the weak labels' weights are multiplied by beside gold.

    Weak labels are biased alike however many there are, so together they count as `worth` gold
    labels, at most their summed confidence: their share of the loss is worth / (worth + n_gold)
    and fades as gold comes in. Without gold there is nothing to fade beside, and it is 1.
    """
    weights, gold = np.asarray(weight, dtype=np.float64), np.asarray(is_gold, dtype=bool)
    mass = weights[~gold].sum()
    if mass <= worth or not (weights[gold] > 0).any():
        return 1.0
    return float(worth / mass)


def class_factors(
    proba: ArrayLike, weight: ArrayLike, strength: float = 0.5
) -> NDArray[np.float64]:
    """What a row of each class (k,) counts, so that rare emotions are not drowned.

    (even share / share)**strength, at most 4; 0 leaves classes as common as they are.
    """
    mass = np.asarray(weight, dtype=np.float64) @ np.asarray(proba, dtype=np.float64)
    present = mass > 0
    factors = np.ones(len(mass))
    if present.any():
        share = mass[present] / mass.sum()
        factors[present] = np.minimum((1 / present.sum() / share) ** strength, 4.0)
    return factors


def sharpened(
    proba: NDArray[np.float64], chosen: NDArray[np.bool_], power: float = SHARPNESS
) -> NDArray[np.float64]:
    """What the `chosen` (n,) rows of `proba` (n, k) are taught as: to this power, rows adding up to
    1 again. The others stay. They are believed, and calibrated by, as they are.
    """
    # Divided by the largest, so that no power of a small number becomes nothing.
    powers = (proba / np.maximum(proba.max(axis=1, keepdims=True), 1e-12)) ** power
    sharp = powers / np.maximum(powers.sum(axis=1, keepdims=True), 1e-12)
    return np.where(chosen[:, None], sharp, proba)

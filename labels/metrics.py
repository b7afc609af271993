"""How good predictions are. Always (prediction, truth); items of unknown truth are left out.

Unknown truth is -1 (or NaN) for classes and NaN for ratings. Where nothing is known every metric
is NaN: no evidence is not a bad score. `proba` is (n, k), its rows adding up to 1.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_FLOOR = 1e-12


def accuracy(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Share of items of known truth whose class was predicted.

    `predicted` is (n,) class indices, -1 = none given (wrong), or (n, k) proba (its argmax).
    """
    guess, known = _classes(predicted, truth)
    return float((guess == known).mean()) if len(known) else float("nan")


def recalls(predicted: ArrayLike, truth: ArrayLike, n_classes: int) -> NDArray[np.float64]:
    """(n_classes,) share of each class's items that were predicted; NaN for a class not there."""
    guess, known = _classes(predicted, truth)
    support = np.bincount(known, minlength=n_classes).astype(float)
    hits = np.bincount(known[guess == known], minlength=n_classes)
    with np.errstate(invalid="ignore"):
        share: NDArray[np.float64] = hits / support
    return share


def uar(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Unweighted average recall over the classes that occur in the truth, in [0, 1].

    Chance is 1/(number of classes that occur), whatever their sizes. Arguments as in `accuracy`.
    Source: Schuller, Steidl & Batliner 2009, The INTERSPEECH 2009 Emotion Challenge.
    """
    _, known = _classes(predicted, truth)
    if not len(known):
        return float("nan")
    return float(np.nanmean(recalls(predicted, truth, int(known.max()) + 1)))


def macro_f1(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Mean over the classes that occur in the truth of their F1, in [0, 1]."""
    guess, known = _classes(predicted, truth)
    if not len(known):
        return float("nan")
    scores = [
        2 * np.sum((guess == c) & (known == c)) / (np.sum(guess == c) + np.sum(known == c))
        for c in np.unique(known)
    ]
    return float(np.mean(scores))


def log_loss(proba: ArrayLike, truth: ArrayLike) -> float:
    """Mean -ln of the probability given to the true class, in nats (uniform: ln k)."""
    p, known = _proba(proba, truth)
    if not len(known):
        return float("nan")
    return float(-np.log(np.maximum(p[np.arange(len(known)), known], _FLOOR)).mean())


def brier(proba: ArrayLike, truth: ArrayLike) -> float:
    """Mean squared distance of the probabilities from the truth, in [0, 2]."""
    p, known = _proba(proba, truth)
    if not len(known):
        return float("nan")
    return float(((p - np.eye(p.shape[1])[known]) ** 2).sum(axis=1).mean())


def ece(proba: ArrayLike, truth: ArrayLike, n_bins: int = 15) -> float:
    """Expected calibration error of the top class, in [0, 1], over bins of equal width.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks.
    """
    p, known = _proba(proba, truth)
    if not len(known):
        return float("nan")
    confidence = p.max(axis=1)
    right = (p.argmax(axis=1) == known).astype(float)
    place = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    gap = np.bincount(place, confidence - right, minlength=n_bins)
    return float(np.abs(gap).sum() / len(known))


def chance_ece(proba: ArrayLike, n_bins: int = 15, *, n_draws: int = 20, seed: int = 0) -> float:
    """The `ece` that probabilities (n, k) show on average where they mean exactly what they say.

    Never 0, and large for few items: what is as small is calibrated as far as so many can tell.
    Labels are drawn from the probabilities themselves. NaN without items. Source: Vaicenavicius et
    al. 2019, Evaluating model calibration in classification (consistency resampling).
    """
    p = np.asarray(proba, dtype=float)
    if not len(p):
        return float("nan")
    edges, rng = p.cumsum(axis=1), np.random.default_rng(seed)
    edges /= edges[:, -1:]
    drawn = [(edges > rng.random((len(p), 1))).argmax(axis=1) for _ in range(n_draws)]
    return float(np.mean([ece(p, truth, n_bins) for truth in drawn]))


def ccc(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Concordance correlation of ratings with true ratings, in [-1, 1]; 1 is identity.

    A missing prediction (NaN) leaves the item out. NaN with fewer than two items, or when neither
    side varies and they agree.
    Source: Lin 1989, A concordance correlation coefficient to evaluate reproducibility.
    """
    guess, known = np.asarray(predicted, dtype=float), np.asarray(truth, dtype=float)
    if guess.shape != known.shape:
        raise ValueError(f"{guess.shape} predictions do not go with {known.shape} truths")
    both = np.isfinite(guess) & np.isfinite(known)
    if both.sum() < 2:
        return float("nan")
    x, y = guess[both], known[both]
    spread = x.var() + y.var() + (x.mean() - y.mean()) ** 2
    covariance = ((x - x.mean()) * (y - y.mean())).mean()
    return float(2 * covariance / spread) if spread > 0 else float("nan")


def scores(proba: ArrayLike, truth: ArrayLike) -> dict[str, float]:
    """Every metric of class probabilities, by name, and `n` (items of known truth)."""
    _, known = _proba(proba, truth)
    return {
        "n": float(len(known)),
        "accuracy": accuracy(proba, truth),
        "uar": uar(proba, truth),
        "macro_f1": macro_f1(proba, truth),
        "log_loss": log_loss(proba, truth),
        "brier": brier(proba, truth),
        "ece": ece(proba, truth),
    }


def _classes(predicted: ArrayLike, truth: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    guess = np.asarray(predicted)
    if guess.ndim == 2:
        guess = guess.argmax(axis=1)
    known, target = _known(guess, truth)
    return guess[known].astype(np.int64), target


def _proba(proba: ArrayLike, truth: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    p = np.asarray(proba, dtype=float)
    if p.ndim != 2:
        raise ValueError(f"proba must be (n, k), not of shape {p.shape}")
    known, target = _known(p, truth)
    if len(target) and target.max() >= p.shape[1]:
        raise ValueError(f"true class {target.max()} is not among the {p.shape[1]} of proba")
    return p[known], target


def _known(
    predicted: NDArray[np.generic], truth: ArrayLike
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    target = np.asarray(truth, dtype=float)
    if target.shape != predicted.shape[:1]:
        raise ValueError(f"{len(predicted)} predictions do not go with {target.shape} truths")
    known = np.isfinite(target) & (target >= 0)
    return known, target[known].astype(np.int64)

"""How sure a figure is: intervals from the number of clips behind it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEW = 100
"""Below so many judged clips a report warns that its figures are rough."""


def counts(truth: ArrayLike, proba: ArrayLike) -> NDArray[np.int64]:
    """How often each class was taken for each: (k, k), a row a true class.

    `truth` is (n,) class indices, -1 or NaN = unknown and passed over; `proba` is (n, k).
    """
    truth, proba = known(truth, proba)
    table = np.zeros((proba.shape[1], proba.shape[1]), dtype=np.int64)
    np.add.at(table, (truth, proba.argmax(axis=1)), 1)
    return table


def known(truth: ArrayLike, proba: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Truth and probabilities of the items whose truth is known."""
    target, proba = np.asarray(truth, dtype=float), np.asarray(proba, dtype=float)
    there = np.isfinite(target) & (target >= 0)
    return target[there].astype(np.int64), proba[there]


def mean_recall(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Unweighted average recall of tables of counts (..., k, k), over the classes that occur."""
    n = table.sum(axis=-1)
    right = np.diagonal(table, axis1=-2, axis2=-1)
    recall = np.divide(right, n, out=np.zeros(n.shape), where=n > 0)
    there = (n > 0).sum(axis=-1)
    return np.divide(recall.sum(axis=-1), there, out=np.full(there.shape, np.nan), where=there > 0)


def recall_interval(
    table: NDArray[np.int64], *, level: float = 0.95, n_resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Bootstrap interval of the mean recall, clips redrawn within each true class.

    Says what other clips of the same voices might have given; other voices may differ more.
    NaN for a table without a clip. Source: Efron & Tibshirani 1993, percentile interval.
    """
    rng = np.random.default_rng(seed)
    n = table.sum(axis=1)
    if not n.sum():
        return float("nan"), float("nan")
    # One clip a class would seem certain; half a clip spread over the row keeps a doubt.
    share = (table + 0.5 / len(table)) / (n + 0.5)[:, None]
    drawn = np.stack(
        [rng.multinomial(m, p, size=n_resamples) for m, p in zip(n, share, strict=True)], 1
    )
    low, high = np.quantile(mean_recall(drawn), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def wilson(n_right: ArrayLike, n: ArrayLike, z: float = 1.96) -> tuple[NDArray, NDArray]:
    """Interval of a share `n_right / n` (arrays alike); NaN where n is 0. Source: Wilson 1927."""
    n = np.asarray(n, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(n_right, dtype=float) / n
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return middle - half, middle + half

"""How sure a share of right votes is, when clips of one speaker are alike."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, stdtrit


def share_interval(
    right: ArrayLike, speakers: ArrayLike, level: float = 0.95
) -> tuple[float, float]:
    """The interval around the mean of `right` (n,), values from 0 to 1; NaN for no values.

    `speakers` (n,) says whose clip each is: where the share differs between speakers more than
    chance would have it, the interval is as wide as they differ (linearised ratio, Student's t
    over speakers), and never narrower than Jeffreys' interval for independent clips.
    """
    right = np.asarray(right, dtype=float)
    n = len(right)
    if n == 0:
        return float("nan"), float("nan")
    total, share = right.sum(), right.mean()
    tail = (1 - level) / 2
    # scipy.stats has these as beta.ppf and t.ppf, and takes half a second to import.
    low, high = betaincinv(total + 0.5, n - total + 0.5, [tail, 1 - tail])
    _, speaker = np.unique(np.asarray(speakers), return_inverse=True)
    n_speakers = int(speaker.max()) + 1
    if n_speakers > 1:
        off = np.bincount(speaker, right - share)
        error = np.sqrt(np.square(off).sum() * n_speakers / (n_speakers - 1)) / n
        reach = error * stdtrit(n_speakers - 1, 1 - tail)
        low, high = min(low, share - reach), max(high, share + reach)
    return float(max(low, 0.0)), float(min(high, 1.0))

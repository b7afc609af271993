"""Normalisation: a feature against its speaker's usual, even if we heard little of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FEW = 10
"""Below this many utterances of a speaker their own mean is not trusted alone."""


def by_speaker(
    features: NDArray[np.floating], speakers: Sequence[str], few: int = FEW
) -> NDArray[np.float64]:
    """How far each value is from its speaker's mean, in deviations; (n, d).

    `features` is (n, d); `speakers` names each row's. A speaker's mean over n < `few` known
    values is shrunk towards the mean of all: weight n / few on their own. The deviation is the
    pooled one within speakers, so that a speaker with one utterance has one too. NaN stays NaN
    and counts for nothing; a feature that never varies is 0.
    Raises ValueError where the numbers of rows and speakers differ.
    """
    values = np.asarray(features, dtype=np.float64)
    if values.ndim != 2 or len(values) != len(speakers):
        raise ValueError(f"features are {values.shape}; ({len(speakers)} speakers, d) is expected")
    _, row = np.unique(np.asarray(speakers, dtype=str), return_inverse=True)
    n_speakers = int(row.max(initial=-1)) + 1
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    counts = _sums(known.astype(np.float64), row, n_speakers)
    n_known = known.sum(axis=0)
    pool_mean = filled.sum(axis=0) / np.maximum(n_known, 1)
    centred = np.where(known, values - pool_mean, 0.0)
    own_mean = _sums(centred, row, n_speakers) / np.maximum(counts, 1)
    centre = np.minimum(counts / few, 1) * own_mean
    within = np.where(known, centred - centre[row], 0.0)
    spread = np.sqrt(np.square(within).sum(axis=0) / np.maximum(n_known, 1))
    # What differs by rounding alone does not vary.
    is_constant = spread <= 1e-9 * np.maximum(np.abs(pool_mean), 1e-9)
    scaled = within / np.where(is_constant, 1.0, spread)
    return np.where(known, np.where(is_constant, 0.0, scaled), np.nan)


def _sums(values: NDArray[np.float64], row: NDArray[np.intp], n_rows: int) -> NDArray[np.float64]:
    found = np.empty((n_rows, values.shape[1]))
    for j, column in enumerate(values.T):
        found[:, j] = np.bincount(row, column, n_rows)
    return found

"""Putting features of any unit on one footing before a network sees them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CLIP = 4.0
"""Scaled values are held within +-CLIP: one broken clip must not move a model."""

_MIN_MISSING_SHARE = 0.02


@dataclass(frozen=True)
class InputScaling:
    """What was learnt from the training features: centre and spread a column, what may be absent.

    `centre`, `spread` are (d,); `sometimes_missing` (d,) bool marks the columns that were NaN in
    at least 2 % of the training rows, each of which gets a column of its own that says so (that
    F0 is undefined tells of whispering, for one).
    """

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    sometimes_missing: NDArray[np.bool_]

    @classmethod
    def fit(cls, features: ArrayLike) -> "InputScaling":
        """From training features (n, d); NaN is "not known". A constant column becomes 0.

        The spread is the one that a normal distribution would have with the same 5-95 % range,
        so that outliers do not set it; where that range is empty, the standard deviation.
        """
        table = np.asarray(features, dtype=np.float64)
        table = np.where(np.isfinite(table), table, np.nan)
        missing = np.isnan(table)
        known = ~missing.all(axis=0)
        centre = np.zeros(table.shape[1])
        spread = np.ones(table.shape[1])
        if known.any():
            low, mid, high = np.nanquantile(table[:, known], (0.05, 0.5, 0.95), axis=0)
            wide = (high - low) / 3.29
            wide = np.where(wide > 0, wide, np.nanstd(table[:, known], axis=0))
            centre[known] = mid
            spread[known] = np.where(wide > 1e-12 * (1 + np.abs(mid)), wide, np.inf)
        spread[~known] = np.inf
        share = missing.mean(axis=0)
        return cls(centre, spread, (share >= _MIN_MISSING_SHARE) & (share < 1))

    @property
    def n_inputs(self) -> int:
        """How many columns `features` must have."""
        return len(self.centre)

    @property
    def n_outputs(self) -> int:
        """How many columns `transform` gives: the inputs and one for each that may be missing."""
        return self.n_inputs + int(self.sometimes_missing.sum())

    def transform(self, features: ArrayLike) -> NDArray[np.float32]:
        """(n, d) in any units to (n, n_outputs) float32 without NaN, within +-CLIP.

        A missing value stands at the training median. Raises ValueError on another width.
        """
        table = np.asarray(features, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != self.n_inputs:
            raise ValueError(
                f"features must be (n, {self.n_inputs}), as in training, not {table.shape}"
            )
        known = np.isfinite(table)
        scaled = (np.where(known, table, self.centre) - self.centre) / self.spread
        absent = 2.0 * ~known[:, self.sometimes_missing]
        clipped = np.clip(scaled, -CLIP, CLIP)
        return np.concatenate([clipped, absent], axis=1).astype(np.float32)

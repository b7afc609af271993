"""Normalisation: a feature against its speaker's usual, even if we heard little of them.

A speaker's mean is a random effect: what was heard of them is shrunk towards the pool, feature
by feature, by how far speakers differ and how far one speaker varies. Source: Robinson 1991, That
BLUP is a good thing; the variances by Searle, Casella & McCulloch 1992 (one-way analysis of
variance, unequal numbers).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SpeakerVariation:
    """What a pool says of features (d,): their mean, and the two variances about it.

    `within` is how far one speaker varies, `between` how far speakers' true means differ.
    """

    mean: NDArray[np.float64]
    within: NDArray[np.float64]
    between: NDArray[np.float64]

    @classmethod
    def of(cls, features: NDArray[np.floating], speakers: Sequence[str]) -> "SpeakerVariation":
        """From features (n, d) of these speakers; NaN is "not known" and counts for nothing.

        Where nobody was heard twice, or only one speaker was, speakers are taken not to differ.
        Raises ValueError where the numbers of rows and speakers differ.
        """
        values, row, names = _checked(features, speakers)
        return _moments(*_told_apart(values, row, len(names)))

    def usual(self, heard: NDArray[np.floating]) -> NDArray[np.float64]:
        """The usual (d,) of a speaker of whom utterances (n, d) were heard; n = 0: the pool's."""
        values = np.asarray(heard, dtype=np.float64).reshape(-1, len(self.mean))
        known = ~np.isnan(values)
        total = np.where(known, values - self.mean, 0.0).sum(axis=0)
        return self.mean + self._shrunk(total, known.sum(axis=0))

    def _shrunk(
        self, total: NDArray[np.float64], n: NDArray[np.floating] | NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """The best guess at a speaker's offset from the sum of n values' offsets."""
        noise = self.within + n * self.between
        return np.where(noise > 0, self.between, 0.0) * total / np.where(noise > 0, noise, 1.0)


def by_speaker(
    features: NDArray[np.floating],
    speakers: Sequence[str],
    apart: Collection[str] = (),
) -> NDArray[np.float64]:
    """How far each value is from its speaker's usual, in deviations; (n, d).

    `features` is (n, d); `speakers` names each row's. The usual is the speaker's mean, shrunk
    towards the pool's as far as too little of them was heard; for speakers named in `apart` (of
    whom the mean is known to mislead) it is the pool's. The deviation is the pooled one, so that
    a speaker with one utterance has one too. NaN stays NaN and counts for nothing; a feature that
    never varies is 0. Raises ValueError where the numbers of rows and speakers differ.
    """
    values, row, names = _checked(features, speakers)
    trusted = ~np.isin(names, np.asarray(sorted(apart), dtype=str))
    found = np.empty(values.shape, order="F")
    # A feature at a time: what is worked out of it stays in the processor's cache.
    for j in range(values.shape[1]):
        found[:, j : j + 1] = _scaled(np.ascontiguousarray(values[:, j : j + 1]), row, trusted)
    return found


def _scaled(
    values: NDArray[np.float64], row: NDArray[np.intp], trusted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """`by_speaker` of features whose rows' speakers are numbers; `trusted` says whose mean is."""
    centred, known, mean = _centred(values)
    inside = slice(None) if trusted.all() else trusted[row]
    variation = _moments(*_told_apart(centred[inside], row[inside], len(trusted)))
    n = _sums(known.astype(np.float64), row, len(trusted))
    total = _sums(np.where(known, centred, 0.0), row, len(trusted))
    offset = np.where(trusted[:, None], variation._shrunk(total, n), 0.0)
    left = np.where(known, centred - offset[row], 0.0)
    spread = np.sqrt(np.square(left).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    # What differs by rounding alone does not vary.
    is_constant = spread <= 1e-9 * np.maximum(np.abs(mean), 1e-9)
    scaled = left / np.where(is_constant, 1.0, spread)
    return np.where(known, np.where(is_constant, 0.0, scaled), np.nan)


def _told_apart(
    values: NDArray[np.float64], row: NDArray[np.intp], n_speakers: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The pool's mean (d,) and of each speaker the number, sum and sum of squares about it."""
    centred, known, mean = _centred(values)
    filled = np.where(known, centred, 0.0)
    sums = (_sums(v, row, n_speakers) for v in (known.astype(np.float64), filled, filled**2))
    n, total, squares = sums
    return mean, n, total, squares


def _checked(
    features: NDArray[np.floating], speakers: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.str_]]:
    """The values (n, d), each row's speaker as a number, and the speakers' names."""
    values = np.asarray(features, dtype=np.float64)
    if values.ndim != 2 or len(values) != len(speakers):
        raise ValueError(f"features are {values.shape}; ({len(speakers)} speakers, d) is expected")
    names, row = np.unique(np.asarray(speakers, dtype=str), return_inverse=True)
    return values, row, names


def _centred(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Values less the pool's mean, which are known, that mean."""
    known = ~np.isnan(values)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return values - mean, known, mean


def _moments(
    mean: NDArray[np.float64],
    n: NDArray[np.float64],
    total: NDArray[np.float64],
    squares: NDArray[np.float64],
) -> SpeakerVariation:
    """The variances by the method of moments, from the sums of each speaker (g, d)."""
    n_all, n_speakers = n.sum(axis=0), (n > 0).sum(axis=0)
    explained = np.where(n > 0, total**2 / np.maximum(n, 1), 0.0).sum(axis=0)
    freedom = n_all - n_speakers
    within = np.maximum(squares.sum(axis=0) - explained, 0.0) / np.maximum(freedom, 1)
    typical_n = n_all - np.square(n).sum(axis=0) / np.maximum(n_all, 1)
    excess = explained - total.sum(axis=0) ** 2 / np.maximum(n_all, 1) - (n_speakers - 1) * within
    between = np.maximum(excess, 0.0) / np.maximum(typical_n, 1e-12)
    can_tell = (freedom > 0) & (n_speakers > 1)
    return SpeakerVariation(mean, within, np.where(can_tell, between, 0.0))


def _sums(values: NDArray[np.float64], row: NDArray[np.intp], n_rows: int) -> NDArray[np.float64]:
    found = np.empty((n_rows, values.shape[1]))
    for j, column in enumerate(values.T):
        found[:, j] = np.bincount(row, column, n_rows)
    return found

"""Knowing when not to say: a threshold for a stated risk, and sets for a stated coverage.

Both are read off held-out speakers' answers (`Evidence`), at the number of utterances heard of a
speaker that is nearest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.blend import LEVELS

MIN_KNOWN = 20
"""With fewer held-out answers than this, no risk can be promised."""


@dataclass(frozen=True)
class Evidence:
    """Of h held-out segments at each of LEVELS: how sure the model was, whether it was right,
    what it gave the truth; (len(LEVELS), h) each, h = 0 where nobody was held out."""

    confidence: NDArray[np.float32]
    right: NDArray[np.bool_]
    truth: NDArray[np.float32]

    @classmethod
    def none(cls) -> "Evidence":
        """Of nobody."""
        empty = np.zeros((len(LEVELS), 0), dtype=np.float32)
        return cls(empty, empty.astype(bool), empty)

    def threshold(self, risk: float, n_heard: float) -> float:
        """The least confidence above which at most `risk` of what is said is wrong.

        0 where all may be said, infinite where no threshold keeps the risk. Raises ValueError
        outside (0, 1) or with too little evidence.
        """
        self._check("risk", risk)
        level = _level(n_heard)
        order = np.argsort(-self.confidence[level], kind="stable")
        wrong = np.cumsum(~self.right[level][order])
        kept = np.arange(1, len(order) + 1)
        fine = np.flatnonzero(wrong / kept <= risk)
        if not len(fine):
            return float("inf")
        last = int(fine[-1])
        return 0.0 if last == len(order) - 1 else float(self.confidence[level][order[last]])

    def covering(self, coverage: float, n_heard: float) -> float:
        """The confidence that `coverage` of what is heard reaches. Raises as `threshold` does."""
        self._check("coverage", coverage)
        return float(np.quantile(self.confidence[_level(n_heard)], 1 - coverage))

    def risk(self, threshold: float, n_heard: float) -> tuple[float, float]:
        """(share said, share of it that is wrong) with this threshold; NaN where not known."""
        said = self.confidence[_level(n_heard)] >= threshold
        if not said.any():
            return (0.0 if len(said) else float("nan")), float("nan")
        return float(said.mean()), float(1 - self.right[_level(n_heard)][said].mean())

    def least_proba(self, coverage: float, n_heard: float) -> float:
        """Emotions at least this probable make sets that hold the truth with `coverage`.

        Split conformal prediction on 1 - p of the truth (Vovk et al. 2005; Sadinle et al. 2019).
        Raises ValueError outside (0, 1) or with too little evidence.
        """
        self._check("coverage", coverage)
        truth = np.sort(self.truth[_level(n_heard)])
        rank = int(np.floor((len(truth) + 1) * (1 - coverage))) - 1
        return float(truth[rank]) if rank >= 0 else 0.0

    def _check(self, name: str, value: float) -> None:
        if not 0 < value < 1:
            raise ValueError(f"{name} {value:g} is not between 0 and 1")
        n = self.confidence.shape[1]
        if n < MIN_KNOWN:
            raise ValueError(
                f"no {name} can be promised: the model was judged on {n} held-out segments, "
                f"{MIN_KNOWN} are needed"
            )


def conformal_sets(proba: ArrayLike, least: float) -> NDArray[np.bool_]:
    """(n, k): which classes are in each row's set; the likeliest always is."""
    p = np.asarray(proba, dtype=np.float64)
    chosen: NDArray[np.bool_] = (p >= least) | (p == p.max(axis=1, keepdims=True))
    return chosen


def _level(n_heard: float) -> int:
    return int(np.abs(np.log1p(LEVELS) - np.log1p(n_heard)).argmin())

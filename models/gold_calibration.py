"""Probabilities corrected on a few gold labels: how sure, and of which classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.calibration import softmax

Floats = NDArray[np.float64]

TEMPERATURE_ROWS = 15.0
"""Gold labels' worth of belief that the temperature is near 1 (normal on its logarithm)."""
SHIFT_ROWS = 10.0
"""The same that no class is favoured: the weight of the squared shifts."""


@dataclass(frozen=True)
class GoldCalibration:
    """softmax(logits / `temperature` + `shifts`), shifts (k,) in log-odds."""

    temperature: float
    shifts: Floats

    def __call__(self, logits: Floats) -> Floats:
        """The corrected probabilities (n, k) of logits (n, k)."""
        return softmax(logits / self.temperature + self.shifts)


def fit_on_gold(logits: Floats, truth: NDArray[np.int64]) -> GoldCalibration:
    """The correction under which `truth` (n,) is likeliest, given logits (n, k).

    Shrunk towards none, so that thirty labels cannot do harm; without labels it is none. Source:
    bias-corrected temperature scaling (Alexandari, Kundaje & Shrikumar 2020).
    """
    k = logits.shape[1]
    rows = np.arange(len(truth))

    def cost(at: Floats) -> tuple[float, Floats]:
        sharpness, shifts = np.exp(at[0]), at[1:]
        proba = softmax(logits * sharpness + shifts)
        loss = -np.log(np.maximum(proba[rows, truth], 1e-300)).sum()
        wrong = proba
        wrong[rows, truth] -= 1
        slope = np.empty(k + 1)
        slope[0] = (wrong * logits).sum() * sharpness + TEMPERATURE_ROWS * at[0]
        slope[1:] = wrong.sum(axis=0) + SHIFT_ROWS * shifts
        pull = TEMPERATURE_ROWS * at[0] ** 2 + SHIFT_ROWS * (shifts**2).sum()
        return float(loss + pull / 2), slope

    found = minimize(cost, np.zeros(k + 1), jac=True, method="L-BFGS-B").x
    return GoldCalibration(float(np.exp(-found[0])), found[1:])

"""What the folds' models say of speakers they never heard, with more or less of them enrolled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.blend import LEVELS, Blend
from models.calibration import fit_deviation_factor
from models.fitting import Fitted, HeldOut
from models.linear import said
from models.network import members
from models.views import Views


@dataclass(frozen=True)
class Answered:
    """Answers on h held-out rows at each of LEVELS.

    `logits[level][view]` holds three (h, k): logistic, discriminant, network. `mean` and
    `variance` [level] are (v, h, s), scales over [-1, 1].
    """

    logits: Mapping[int, list[list[NDArray[np.float64]]]]
    mean: Mapping[int, NDArray[np.float64]]
    variance: Mapping[int, NDArray[np.float64]]

    def rows(self, chosen: NDArray[Any]) -> "Answered":
        """The answers on some of the rows alone."""
        return Answered(
            {
                n: [[part[chosen] for part in view] for view in one]
                for n, one in self.logits.items()
            },
            {n: one[:, chosen] for n, one in self.mean.items()},
            {n: one[:, chosen] for n, one in self.variance.items()},
        )


def answer(
    views: Views,
    linear: NDArray[np.float64],
    fitted: Fitted,
    held_out: HeldOut,
    n_scales: int,
    seed: int,
) -> Answered:
    """`linear` is (v, models, 2, D + 1, k); every row is answered by its fold's models."""
    h, k, v = len(held_out.row), linear.shape[-1], views.n_views
    logits = {level: np.zeros((v, 3, h, k)) for level in LEVELS}
    mean = {level: np.zeros((v, h, n_scales)) for level in LEVELS}
    variance = {level: np.ones((v, h, n_scales)) for level in LEVELS}
    fold_of_row = views.folds.of_row
    for fold in range(views.n_models - 1 if h else 0):
        rows = np.flatnonzero(fold_of_row == fold)
        at = np.flatnonzero(np.isin(held_out.row, rows))
        inside = np.searchsorted(rows, held_out.row[at])
        own = [fold + views.n_models * view for view in range(v)]
        network = members(fitted.parameters, own, n_scales)
        for level in LEVELS:
            inputs = views.held_out(fold, level, seed)[:, inside]
            with torch.no_grad():
                answers = network(torch.from_numpy(np.ascontiguousarray(inputs)))
            for view in range(v):
                for member in range(2):
                    logits[level][view, member, at] = said(linear[view, fold, member], inputs[view])
            logits[level][:, 2, at] = answers.logits.double().numpy()
            mean[level][:, at] = answers.mean.double().numpy()
            variance[level][:, at] = answers.log_variance.double().exp().numpy()
    parted = {level: [list(view) for view in one] for level, one in logits.items()}
    return Answered(parted, mean, variance)


def deviation_factors(
    answered: Answered,
    blend: Blend,
    truth: NDArray[np.float64],
    weight: NDArray[np.float64],
    level: int = LEVELS[-1],
) -> tuple[float, ...]:
    """What stated deviations of each scale must be multiplied by to be as large as the errors.

    `truth` (h, s) over [-1, 1], NaN where not known; `weight` (h, s).
    """
    leaning = blend.at([level])[0]
    mean, variance = (
        part[0] + leaning * (part[-1] - part[0])
        for part in (answered.mean[level], answered.variance[level])
    )
    return tuple(
        fit_deviation_factor(mean[:, j], np.sqrt(variance[:, j]), truth[:, j], weight[:, j])
        for j in range(truth.shape[1])
    )

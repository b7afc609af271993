"""What votes and the model together say of rows without gold, as far as gold bears them out.

Gold is not drawn at random: experts are asked what is doubted or disputed, and a temperature
fitted on such rows alone makes a model far too timid about all the others. Which rows are asked
depends on votes and sound, not on the truth beyond them; so what both together are worth is learnt
on gold, and every other row stands in with what they say of it (missing at random: Rubin 1976,
Inference and missing data).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from models.calibration import softmax

Floats = NDArray[np.float64]

VOTES, MODEL = 1.0, 0.5
"""What the logarithms of both count before there is gold, ..."""
PRIOR = 5.0
"""... as surely as a deviation of 1 / sqrt(5) says. Votes are nearly calibrated when they come
here; the model adds to them as far as its mistakes are its own."""

_LEAST = 1e-4


def believed(
    logits: Floats, votes: Floats, truth: Floats, is_gold: NDArray[np.bool_]
) -> tuple[Floats, tuple[float, float]]:
    """(what each row is thought to be (h, k), what votes and the model count).

    `logits` (h, k) are the model's on rows it never heard, `votes` (h, k) probabilities, NaN where
    nobody voted; `truth` (h, k) holds for rows of `is_gold` (h,), which keep it.
    """
    said = np.log(np.maximum(np.nan_to_num(votes, nan=1 / votes.shape[1]), _LEAST))
    own = logits - logits.mean(axis=1, keepdims=True)

    def joined(counts: Floats) -> Floats:
        return softmax(counts[0] * said + counts[1] * own)

    def cost(counts: Floats) -> float:
        right = (joined(counts)[is_gold] * truth[is_gold]).sum(axis=1)
        apart = np.square(counts - [VOTES, MODEL]).sum()
        return float(PRIOR / 2 * apart - np.log(np.maximum(right, 1e-12)).sum())

    found = minimize(cost, [VOTES, MODEL], bounds=[(0, 3), (0, 5)], method="L-BFGS-B").x
    proba: Floats = np.where(is_gold[:, None], truth, joined(found))
    return proba, (float(found[0]), float(found[1]))

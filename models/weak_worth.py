"""What weak labels are worth beside gold: learnt on gold that was held out."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.calibration import expected_log_loss, fit_temperature
from models.linear import fit_logistic, said
from models.targets import Targets
from models.views import Views
from models.weights import WEAK_WORTH

CANDIDATES = (0.0, 15.0, 50.0, 150.0)
"""Gold labels that all weak ones together may be worth; 0 is gold alone."""

MIN_GOLD, MIN_GOLD_FOR_MORE = 20, 40
"""Below the first many gold labels the worth is `WEAK_WORTH`, below the second no more than that:
too few to choose by. Weak labels that a little gold happens to agree with were given too much."""

_MARGIN = 0.01


def learnt_worth(
    views: Views,
    known: Targets,
    taught: NDArray[np.float64],
    weigh: Callable[[float], NDArray[np.float64]],
    seed: int,
) -> tuple[float, dict[str, float]]:
    """(the worth of least log-loss on held-out gold, each candidate's log-loss).

    `taught` (n, k) is what rows are taught as, `weigh(worth)` gives each row's weight (n,). Judged
    by the logistic member on the last view, fold by fold. `WEAK_WORTH` is kept unless another is
    better by .01 nats; of less than `MIN_GOLD_FOR_MORE` gold labels nothing above it is tried.
    """
    gold = known.is_gold & (known.weight > 0)
    weak = ~known.is_gold & (known.weight > 0)
    if gold.sum() < MIN_GOLD or not weak.any() or views.n_models < 2:
        return WEAK_WORTH, {}
    most = WEAK_WORTH if gold.sum() < MIN_GOLD_FOR_MORE else max(CANDIDATES)
    losses = {}
    for worth in (one for one in CANDIDATES if one <= most):
        weight = weigh(worth)
        logits = np.zeros((len(weight), known.proba.shape[1]))
        for fold in range(views.n_models - 1):
            out = views.folds.of_row == fold
            inputs = views.inputs[(views.n_views - 1) * views.n_models + fold]
            proba = np.where(known.weight[:, None] > 0, taught, 0.0)
            learnt = fit_logistic(inputs, proba, np.where(out, 0.0, weight), seed=seed)
            logits[out] = said(learnt, inputs[out])
        counts = gold.astype(float)
        t = fit_temperature(logits, known.proba, counts)
        losses[worth] = expected_log_loss(logits, known.proba, counts, t)
    best = min(losses, key=lambda worth: losses[worth])
    if losses[WEAK_WORTH] - losses[best] < _MARGIN:
        best = WEAK_WORTH
    return best, {f"{worth:g}": round(loss, 4) for worth, loss in losses.items()}

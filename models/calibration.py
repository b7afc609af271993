"""Making stated probabilities and deviations mean what they say, on answers never trained on."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

_PRIOR_ROWS = 5.0
_LOG_TEMPERATURES = np.linspace(np.log(0.2), np.log(20.0), 16)


def softmax(logits: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Probabilities (n, k) of logits (n, k) over a temperature (> 1 is less sure)."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    proba: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return proba


def expected_log_loss(
    logits: ArrayLike, proba: ArrayLike, weight: ArrayLike, temperature: float = 1.0
) -> float:
    """Weighted mean of -sum_c proba log softmax(logits / temperature), in nats.

    `logits`, `proba` (n, k), `weight` (n,). NaN where nothing weighs anything.
    """
    weights = np.asarray(weight, dtype=np.float64)
    total = weights.sum()
    each = log_losses(logits, proba, temperature)
    return float(each @ weights / total) if total > 0 else float("nan")


def log_losses(
    logits: ArrayLike, proba: ArrayLike, temperature: float = 1.0
) -> NDArray[np.float64]:
    """-sum_c proba log softmax(logits / temperature) of each row (n,), in nats."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    scaled = scaled - scaled.max(axis=1, keepdims=True)
    log_proba = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    each: NDArray[np.float64] = -(np.asarray(proba, dtype=np.float64) * log_proba).sum(axis=1)
    return each


def fit_temperature(
    logits: ArrayLike, proba: ArrayLike, weight: ArrayLike, *, prior_strength: float = _PRIOR_ROWS
) -> float:
    """The temperature in [0.2, 20] under which `proba` (n, k) is likeliest, given logits (n, k).

    `weight` (n,) is what each row counts. A log-normal prior around 1, worth `prior_strength`
    rows, keeps a handful of rows from a wild answer; without rows it is 1. Source: Guo et al.
    2017, On Calibration of Modern Neural Networks.
    """
    weights = np.asarray(weight, dtype=np.float64)
    total = float(weights.sum())
    if not total > 0:
        return 1.0

    def cost(log_t: float) -> float:
        loss = expected_log_loss(logits, proba, weights, float(np.exp(log_t)))
        return total * loss + prior_strength * 0.5 * log_t**2

    costs = [cost(log_t) for log_t in _LOG_TEMPERATURES]
    best = int(np.argmin(costs))
    low = _LOG_TEMPERATURES[max(best - 1, 0)]
    high = _LOG_TEMPERATURES[min(best + 1, len(costs) - 1)]
    found = minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-3})
    return float(np.exp(found.x))


def temperatures_by(
    group: ArrayLike, logits: ArrayLike, proba: ArrayLike, weight: ArrayLike, *, most: int
) -> NDArray[np.float64]:
    """`most` temperatures (ascending) that stand for those of all groups of rows.

    `group` (n,) says which group (speaker) a row is of. Each group's temperature is shrunk towards
    that of all rows, as in `fit_temperature`; what is returned are their quantiles, of few groups
    their own ones.
    """
    whole = fit_temperature(logits, proba, weight)
    weights = np.asarray(weight, dtype=np.float64)
    row = np.unique(np.asarray(group), return_inverse=True)[1]
    n_groups = int(row.max(initial=-1)) + 1
    if n_groups < 2:
        return np.full(most, whole)
    steps = np.linspace(-1.6, 1.6, 33)
    cost = np.array(
        [
            np.bincount(row, weights * log_losses(logits, proba, whole * np.exp(step)), n_groups)
            + _PRIOR_ROWS * 0.5 * step**2
            for step in steps
        ]
    )
    best = np.sort(steps[cost.argmin(axis=0)])
    places = (np.arange(most) + 0.5) / most
    found: NDArray[np.float64] = whole * np.exp(
        best[np.minimum((places * n_groups).astype(int), n_groups - 1)]
    )
    return found


def fit_deviation_factor(
    mean: ArrayLike, sd: ArrayLike, truth: ArrayLike, weight: ArrayLike, *, prior_rows: float = 5.0
) -> float:
    """What stated deviations must be multiplied by for errors to be as large as they say.

    All (n,); rows whose truth is NaN or whose weight is 0 do not count. The square root of the
    weighted mean squared z-score, shrunk towards 1 as by `prior_rows` well-calibrated rows.
    """
    truth_known = np.isfinite(np.asarray(truth, dtype=np.float64))
    weights = np.asarray(weight, dtype=np.float64) * truth_known
    if not weights.sum() > 0:
        return 1.0
    gap = np.where(truth_known, truth, 0.0) - np.asarray(mean, dtype=np.float64)
    squared = (gap / np.asarray(sd, dtype=np.float64)) ** 2
    return float(np.sqrt((squared @ weights + prior_rows) / (weights.sum() + prior_rows)))

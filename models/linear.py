"""Linear members: a ridge logistic model and a shrunk discriminant, both learnt from soft labels.

With a few hundred labels they are hard to beat; the discriminant carries over to other corpora
best, the logistic model is the better calibrated one.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

L2 = 60.0
SHRINKAGE = 0.5
_NEVER = 1e-3
_MOST_ROWS = 8000


def fit_logistic(
    inputs: NDArray[np.floating],
    proba: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    l2: float = L2,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Coefficients (d + 1, k), the last row the bias, that minimise the expected log-loss.

    `inputs` (n, d) scaled, `proba` (n, k) what each row is thought to be, `weight` (n,) what it
    counts. The penalty is l2 / 2 times the squared coefficients, against the summed loss. Of more
    than 8,000 rows that weigh anything as many are drawn by weight.
    """
    rows = np.flatnonzero(weight > 0)
    mass = weight.sum()
    if len(rows) > _MOST_ROWS:
        share = weight[rows] / weight[rows].sum()
        rows = np.random.default_rng(seed).choice(rows, _MOST_ROWS, replace=True, p=share)
        counts = np.full(len(rows), mass / len(rows))
    else:
        counts = weight[rows]
    x = np.concatenate([inputs[rows], np.ones((len(rows), 1))], axis=1, dtype=np.float64)
    target = proba[rows]
    k, d = target.shape[1], x.shape[1]
    penalty = np.full((d, 1), l2)
    penalty[-1] = 1e-3

    def cost(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat.reshape(d, k)
        logits = x @ w
        logits -= logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        total = powers.sum(axis=1, keepdims=True)
        loss = -(target * (logits - np.log(total))).sum(axis=1) @ counts
        slope = x.T @ ((powers / total - target) * counts[:, None]) + penalty * w
        return float(loss + 0.5 * (penalty * w**2).sum()), slope.ravel()

    found = minimize(
        cost, np.zeros(d * k), jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-7}
    )
    coefficients: NDArray[np.float64] = found.x.reshape(d, k)
    return coefficients


def fit_discriminant(
    inputs: NDArray[np.floating],
    proba: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    shrinkage: float = SHRINKAGE,
) -> NDArray[np.float64]:
    """Coefficients (d + 1, k) of the linear discriminant with a shrunk pooled covariance.

    Every row counts in each class by its probability. A class that nobody is stays improbable.
    Source: Friedman 1989, Regularized Discriminant Analysis; Ledoit & Wolf 2004 for the target.
    """
    x = np.asarray(inputs, dtype=np.float64)
    share = proba * weight[:, None]
    mass = share.sum(axis=0)
    total = max(float(mass.sum()), 1e-12)
    means = (share.T @ x) / np.maximum(mass, 1e-12)[:, None]
    means[mass <= 0] = (weight @ x) / total
    scatter = (x * (share.sum(axis=1))[:, None]).T @ x - (means * mass[:, None]).T @ means
    covariance = scatter / total
    level = max(float(np.trace(covariance)) / len(covariance), 1e-6)
    covariance = (1 - shrinkage) * covariance + shrinkage * level * np.eye(len(covariance))
    directions = np.linalg.solve(covariance, means.T)
    prior = np.log(np.maximum(mass / total, _NEVER))
    bias = prior - 0.5 * (means * directions.T).sum(axis=1)
    return np.concatenate([directions, bias[None]])


def said(coefficients: NDArray[np.floating], inputs: NDArray[np.floating]) -> NDArray[np.float64]:
    """Logits (n, k) of inputs (n, d)."""
    logits: NDArray[np.float64] = inputs @ coefficients[:-1] + coefficients[-1]
    return logits.astype(np.float64, copy=False)

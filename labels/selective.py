"""Selective prediction: what is gained by leaving unsaid what is least sure.

`proba` is (n, k), truth as in `labels.metrics`. Source: Geifman & El-Yaniv 2017, Selective
Classification for Deep Neural Networks.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def risk_coverage(
    proba: ArrayLike, truth: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(coverage, risk), (n,) each: the share said, the surest first, and how much of it is wrong.

    Items of one confidence are said together: within a tie the risk is that of the whole tie.
    """
    p, known = _known(proba, truth)
    if not len(known):
        return np.empty(0), np.empty(0)
    confidence = p.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(p.argmax(axis=1)[order] != known[order]).astype(float)
    n_said = np.arange(1, len(known) + 1)
    level = confidence[order]
    last = np.searchsorted(-level, -level, side="right") - 1
    return n_said / len(known), (wrong[last] / n_said[last])


def selective_risk(proba: ArrayLike, truth: ArrayLike, coverage: float = 0.8) -> float:
    """The share of what is said that is wrong when the surest `coverage` of it is said."""
    covered, risk = risk_coverage(proba, truth)
    if not len(risk):
        return float("nan")
    at = min(int(np.searchsorted(covered, coverage - 1e-9)), len(risk) - 1)
    return float(risk[at])


def area_under_risk_coverage(proba: ArrayLike, truth: ArrayLike) -> float:
    """The mean risk over all coverages; lower is better."""
    _, risk = risk_coverage(proba, truth)
    return float(risk.mean()) if len(risk) else float("nan")


def reliability(proba: ArrayLike, truth: ArrayLike, n_bins: int = 10) -> list[dict[str, float]]:
    """A reliability diagram's bins that hold anything: from, to, n, confidence, accuracy."""
    p, known = _known(proba, truth)
    confidence = p.max(axis=1, initial=0) if len(p) else np.empty(0)
    right = p.argmax(axis=1) == known if len(p) else np.empty(0, dtype=bool)
    place = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    return [
        {
            "from": b / n_bins,
            "to": (b + 1) / n_bins,
            "n": int((place == b).sum()),
            "confidence": float(confidence[place == b].mean()),
            "accuracy": float(right[place == b].mean()),
        }
        for b in range(n_bins)
        if (place == b).any()
    ]


def _known(proba: ArrayLike, truth: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    p, target = np.asarray(proba, dtype=float), np.asarray(truth, dtype=float)
    if p.ndim != 2 or target.shape != p.shape[:1]:
        raise ValueError(f"proba {p.shape} does not go with {target.shape} truths")
    known = np.isfinite(target) & (target >= 0)
    return p[known], target[known].astype(np.int64)

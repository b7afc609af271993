"""How good a model's emotions are: what it takes for what, and whether it knows when it is right."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from labels.metrics import ece, uar
from reports.certainty import counts, known, wilson
from reports.style import BLUE, GRID, INK, QUIET, Plot, blank, dress

_CELL = "#1f5fa8"


def confusion(truth: ArrayLike, proba: ArrayLike, classes: Sequence[str]) -> Plot:
    """Confusion matrix, rows normalised, with the counts; `truth` (n,) indices, `proba` (n, k).

    Classes that occur neither in truth nor in the predictions are left out.
    """
    table = counts(truth, proba)
    seen = np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))
    cells, names = table[np.ix_(seen, seen)], [classes[j] for j in seen]
    n = cells.sum(axis=1, keepdims=True)
    share = np.divide(cells, n, out=np.zeros(cells.shape), where=n > 0)
    k = len(names)
    figure = blank(1.4 + 0.52 * max(k, 3))
    axes = dress(figure.add_subplot(), x="the model said", y="it was", grid="")
    for (row, column), value in np.ndenumerate(share):
        axes.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=_CELL, alpha=value, linewidth=0)
        )
        if cells[row, column]:
            colour = "white" if value > 0.72 else INK
            axes.text(column, row - 0.08, f"{value:.0%}", ha="center", va="center", color=colour, fontsize=9.5 if k < 9 else 7)  # fmt: skip
            axes.text(column, row + 0.27, f"{cells[row, column]:,}", ha="center", va="center", color=colour, fontsize=7 if k < 9 else 5)  # fmt: skip
    axes.set(xlim=(-0.5, k - 0.5), ylim=(k - 0.5, -0.5))
    axes.set_xticks(range(k), names, rotation=35 if k > 4 else 0, ha="right" if k > 4 else "center", rotation_mode="anchor")  # fmt: skip
    axes.set_yticks(range(k), [f"{name}  n={m:,}" for name, m in zip(names, n[:, 0], strict=True)])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return Plot(
        name="confusion",
        title="What is taken for what",
        caption=(
            "Each row is one true emotion and adds up to 100 %; the dark diagonal is what the "
            "model got right, everything beside it is a mix-up. Small figures count the clips."
        ),
        alt=_told(share, names, uar(proba, truth)),
        figure=figure,
    )


def _told(share: np.ndarray, names: list[str], uar: float) -> str:
    if not names:
        return "Confusion matrix with no clips."
    off = share - np.diag(np.diag(share))
    row, column = np.unravel_index(off.argmax(), off.shape)
    told = f"Confusion matrix of {len(names)} emotions; on average {uar:.0%} of a class are right."
    if off.max() > 0:
        told += f" The most frequent mix-up is {names[row]} taken for {names[column]} ({off.max():.0%})."
    return told


def reliability_bins(truth: ArrayLike, proba: ArrayLike, n_bins: int = 15) -> pd.DataFrame:
    """Clips binned by the probability of the top class, bins of equal width.

    Columns left, right (the bin), n, confidence (mean), accuracy, low, high (95 % interval);
    bins without a clip have n = 0 and NaN. `truth` -1 or NaN is passed over.
    """
    truth, proba = known(truth, proba)
    edges = np.linspace(0, 1, n_bins + 1)
    top = proba.max(axis=1)
    place = np.clip(np.digitize(top, edges[1:-1], right=True), 0, n_bins - 1)
    n = np.bincount(place, minlength=n_bins)
    right = np.bincount(place, weights=proba.argmax(axis=1) == truth, minlength=n_bins)
    sure = np.bincount(place, weights=top, minlength=n_bins)
    low, high = wilson(right, n)
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {"left": edges[:-1], "right": edges[1:], "n": n, "confidence": sure / n,
             "accuracy": right / n, "low": low, "high": high}
        )  # fmt: skip


def reliability(truth: ArrayLike, proba: ArrayLike, n_bins: int = 15) -> Plot:
    """Reliability diagram with the expected calibration error and the clips in each bin."""
    bins = reliability_bins(truth, proba, n_bins)
    used = bins[bins["n"] > 0]
    error = ece(proba, truth, n_bins)
    figure = blank(4.5)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3.4, 1])
    dress(upper, y="how often it was right")
    dress(lower, x="how sure the model said it was", y="clips", grid="y")
    upper.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    upper.text(0.02, 0.05, "perfect", color=QUIET, fontsize=9, rotation=0, ha="left")
    upper.vlines(used["confidence"], used["low"], used["high"], color=BLUE, alpha=0.45, linewidth=2)
    upper.plot(used["confidence"], used["accuracy"], "o-", color=BLUE, markersize=5, linewidth=1.5)
    upper.text(0.02, 0.93, f"ECE {error:.3f}, n = {int(bins['n'].sum()):,}", color=INK, fontsize=10, va="top")  # fmt: skip
    upper.set(xlim=(0, 1), ylim=(0, 1.02))
    lower.bar(bins["left"], bins["n"], width=1 / n_bins, align="edge", color=BLUE, edgecolor=GRID, linewidth=0.5)  # fmt: skip
    lower.yaxis.get_major_locator().set_params(integer=True, nbins=3)
    return Plot(
        name="reliability",
        title="Does it know when it is right?",
        caption=(
            "Clips are gathered by how sure the model said it was. On the dashed line it is right "
            "exactly as often as it says; below it the model boasts, above it is too modest. "
            "Bars are 95 % intervals; ECE is the average distance from the line."
        ),
        alt=f"Reliability diagram; expected calibration error {error:.3f} over {int(bins['n'].sum())} clips.",
        figure=figure,
    )

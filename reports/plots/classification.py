"""How good a model's emotions are: what it takes for what, and whether it knows when."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from labels.metrics import ece, uar
from reports.certainty import counts, known, wilson
from reports.style import BLUE, GRID, INK, QUIET, Plot, blank, dress, legend, plain

_CELL = "#1f5fa8"


def confusion(truth: ArrayLike, proba: ArrayLike, classes: Sequence[str]) -> Plot:
    """Confusion matrix, rows normalised, with the counts; `truth` (n,) indices, `proba` (n, k).

    Classes that occur neither in truth nor in the predictions are left out. Raises ValueError
    where no truth is known.
    """
    table = counts(truth, proba)
    if not table.sum():
        raise ValueError("a confusion matrix needs at least one clip whose true class is known")
    seen = np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))
    cells, names = table[np.ix_(seen, seen)], [classes[j] for j in seen]
    n = cells.sum(axis=1, keepdims=True)
    share = np.divide(cells, n, out=np.zeros(cells.shape), where=n > 0)
    k = len(names)
    figure = blank(1.3 + min(0.48 * max(k, 3), 9))
    axes = dress(figure.add_subplot(), x="the model said", y="it was", grid="")
    _draw_cells(axes, cells, share)
    axes.set(xlim=(-0.5, k - 0.5), ylim=(k - 0.5, -0.5))
    slant = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if k > 3 else {}
    axes.set_xticks(range(k), [plain(name, 16) for name in names], **slant)
    rows = [f"{plain(name, 16)}  n={m:,}" for name, m in zip(names, n[:, 0], strict=True)]
    axes.set_yticks(range(k), rows)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(GRID)
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


def _draw_cells(axes: Axes, cells: np.ndarray, share: np.ndarray) -> None:
    large, small = (9.5, 8) if len(cells) < 9 else (6.5, 5)
    for (row, column), value in np.ndenumerate(share):
        if not cells[row, column]:
            continue
        corner = (column - 0.5, row - 0.5)
        axes.add_patch(Rectangle(corner, 1, 1, facecolor=_CELL, alpha=value, linewidth=0))
        look = {"ha": "center", "va": "center", "color": "white" if value > 0.72 else INK}
        axes.text(column, row - 0.14, f"{value:.0%}", fontsize=large, **look)
        axes.text(column, row + 0.25, f"{cells[row, column]:,}", fontsize=small, **look)


def _told(share: np.ndarray, names: list[str], uar: float) -> str:
    off = share - np.diag(np.diag(share))
    row, column = np.unravel_index(off.argmax(), off.shape)
    told = f"Confusion matrix of {len(names)} emotions; on average {uar:.0%} of a class are right."
    if off.max() > 0:
        mixed = f"{names[row]} taken for {names[column]} ({off.max():.0%})"
        told += f" The most frequent mix-up is {mixed}."
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
    n = int(bins["n"].sum())
    sure, right = used["confidence"], used["accuracy"]
    upper.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=(0, (4, 3)), label="perfect")
    upper.vlines(sure, used["low"], used["high"], color=BLUE, alpha=0.45, linewidth=2)
    upper.plot(sure, right, "o-", color=BLUE, markersize=5, linewidth=1.5, label="model")
    legend(upper, title=f"ECE {error:.3f}, n = {n:,}", alignment="left")
    upper.get_legend().get_title().set_color(INK)
    upper.set(xlim=(0, 1), ylim=(0, 1.03))
    lower.bar(bins["left"], bins["n"], width=0.92 / n_bins, align="edge", color=BLUE)
    lower.yaxis.get_major_locator().set_params(integer=True, nbins=3)
    return Plot(
        name="reliability",
        title="Does it know when it is right?",
        caption=(
            "Clips are gathered by how sure the model said it was. On the dashed line it is right "
            "exactly as often as it says; below it the model boasts, above it is too modest. "
            "Bars are 95 % intervals; ECE is the average distance from the line, which comes out "
            "too large where clips are few."
        ),
        alt=f"Reliability diagram; expected calibration error {error:.3f} over {n} clips.",
        figure=figure,
    )

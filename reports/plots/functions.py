"""Labelling functions beside one another: which repeat each other, and whom gold bears out."""

import numpy as np
import pandas as pd

from reports.style import BLUE, GREEN, INK, QUIET, Plot, blank, dress, legend, plain

_MOST = 24


def likeness(pairs: pd.DataFrame, dimension: str) -> Plot | None:
    """How alike the votes of every two functions are (phi), as a matrix.

    `pairs` has columns source, other, phi, on. None where no two functions voted on one thing.
    """
    rows = pairs[pairs["on"] == dimension] if len(pairs) else pairs
    if rows.empty:
        return None
    strength = rows.groupby("source")["phi"].max().sort_values(ascending=False)
    names = strength.index[:_MOST].tolist()
    matrix = rows.pivot(index="source", columns="other", values="phi").reindex(
        index=names, columns=names
    )
    figure = blank(1.2 + 0.26 * max(len(names), 4))
    axes = dress(figure.add_subplot(), grid="")
    axes.imshow(matrix.to_numpy(dtype=float), cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
    for i, j in np.argwhere(matrix.to_numpy(dtype=float) >= 0.3):
        value = matrix.iloc[i, j]
        ink = "white" if value > 0.7 else "#1f2329"
        axes.text(j, i, f"{value:.1f}", ha="center", va="center", fontsize=7, color=ink)
    axes.set_xticks(range(len(names)), [plain(n) for n in names], rotation=60, ha="right")
    axes.set_yticks(range(len(names)), [plain(n) for n in names])
    axes.tick_params(length=0, labelsize=8)
    first = names[0]
    other = rows[rows["source"] == first].sort_values("phi").iloc[-1]["other"]
    return Plot(
        name=f"likeness_{dimension}",
        title=f"Which functions on {dimension} say the same",
        caption=(
            "Purple: both vote alike on the same clips (1 is a copy; figures from 0.3 up). White: "
            "no more than by chance. Orange: they contradict each other. Of two that are alike "
            "one may go, for it adds little and both count as separate voices."
        ),
        alt=f"Matrix of {len(names)} functions; {first} and {other} are most alike.",
        figure=figure,
    )


def borne_out(functions: pd.DataFrame, dimension: str) -> Plot | None:
    """Estimated and true accuracy of each function beside what luck gives.

    `functions` has a row a function (index its name): on, estimated, backed, gold_low, gold_high,
    chance and `Emp. Acc.`. None where nothing true is known of any.
    """
    rows = functions[(functions["on"] == dimension) & functions["Emp. Acc."].notna()]
    if rows.empty:
        return None
    rows = rows.sort_values("lift", ascending=False).head(_MOST)
    place = np.arange(len(rows))[::-1]
    figure = blank(1.1 + 0.26 * max(len(rows), 4))
    axes = dress(figure.add_subplot(), x="share of votes that are right", grid="x")
    axes.hlines(place, rows["gold_low"], rows["gold_high"], color=GREEN, alpha=0.4, linewidth=4)
    axes.scatter(rows["Emp. Acc."], place, s=36, color=GREEN, label="true", zorder=3)
    axes.scatter(
        rows["estimated"], place, s=30, facecolors="none", edgecolors=BLUE, label="estimated"
    )
    axes.scatter(rows["chance"], place, s=60, marker="|", color=QUIET, label="by luck")
    axes.set_yticks(place, [plain(name) for name in rows.index])
    axes.tick_params(axis="y", length=0, labelsize=8.5, labelcolor=INK)
    axes.set_xlim(0, 1.02)
    legend(axes)
    best = rows.index[0]
    return Plot(
        name=f"borne_out_{dimension}",
        title=f"How right functions on {dimension} are",
        caption=(
            "Full circle: of the votes on clips whose truth is known, the share that is right, "
            "with its interval. Open circle: what the joined votes make of it. Stroke: what the "
            "same votes would score by luck. Best is far right of the stroke."
        ),
        alt=f"{len(rows)} functions; {best} is {rows['lift'].iloc[0]:.1f} times as right as luck.",
        figure=figure,
    )

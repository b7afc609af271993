"""What the weak labels' sources are worth: how much each says, how right, how often contradicted."""

import numpy as np
import pandas as pd

from reports.plots.placing import name_points
from reports.style import BLUE, GREEN, ORANGE, PINK, QUIET, Plot, blank, dress, legend

_KINDS = {
    "function": ("labelling functions", BLUE, "o"),
    "crowd": ("crowd annotators", ORANGE, "^"),
}
_MANY = 24


def bare(source: str) -> str:
    """A source's name without the kind before it: `shouting` for `function:shouting`."""
    return str(source).partition(":")[2] or str(source)


def weak_sources(sources: pd.DataFrame, dimension: str = "emotion") -> Plot | None:
    """Coverage against estimated accuracy, a point a source, coloured by kind.

    `sources` has columns dimension, source, kind, coverage, accuracy and, where there are
    intervals, low and high. None where no source of that dimension has an estimate.
    """
    rows = sources[(sources["dimension"] == dimension) & sources["accuracy"].notna()]
    if rows.empty:
        return None
    figure = blank(4.3)
    axes = dress(
        figure.add_subplot(), x="coverage: share of clips it votes on", y="estimated accuracy"
    )
    for kind, group in rows.groupby("kind", sort=True):
        label, colour, marker = _KINDS.get(str(kind), (str(kind), PINK, "s"))
        if {"low", "high"} <= set(group) and len(group) <= _MANY:
            axes.vlines(group["coverage"], group["low"], group["high"], color=colour, alpha=0.35, linewidth=1.6)  # fmt: skip
        axes.scatter(group["coverage"], group["accuracy"], s=34, color=colour, marker=marker, label=label, zorder=3)  # fmt: skip
    axes.set_xlim(0, max(0.2, min(1.05, rows["coverage"].max() * 1.15)))
    axes.set_ylim(max(0.0, rows["accuracy"].min() - 0.12), 1.04)
    legend(axes, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)
    telling = rows.assign(far=(rows["accuracy"] - rows["accuracy"].mean()).abs())
    telling = telling.sort_values(["far", "source"], ascending=[False, True])
    points = list(zip(telling["coverage"], telling["accuracy"], strict=True))
    name_points(axes, points, [bare(name) for name in telling["source"]], fontsize=8)
    best = rows.loc[rows["accuracy"].idxmax()]
    return Plot(
        name=f"weak_sources_{dimension}",
        title=f"How much each source says of {dimension}, and how right it is",
        caption=(
            "Each point is a labelling function or a person of the crowd. Right: speaks often. Up: "
            "is more often right, as the label model estimates from who agrees with whom. "
            "Useful sources are up, whether left or right."
        ),
        alt=(
            f"{len(rows)} sources by coverage and estimated accuracy, the most accurate "
            f"{bare(best['source'])} at {best['accuracy']:.0%}."
        ),
        figure=figure,
    )


def disagreement(sources: pd.DataFrame, dimension: str = "emotion") -> Plot | None:
    """How each source's votes meet the others': alone, agreed with, contradicted.

    `sources` has columns dimension, source, coverage, overlaps, conflicts, all three shares of
    the whole pool (Ratner et al. 2017). None where no source votes on that dimension.
    """
    rows = sources[(sources["dimension"] == dimension) & (sources["coverage"] > 0)]
    if rows.empty:
        return None
    shown = rows.sort_values(["coverage", "source"], ascending=[False, True]).head(_MANY)
    place = np.arange(len(shown))[::-1]
    alone = shown["coverage"] - shown["overlaps"]
    agreed = shown["overlaps"] - shown["conflicts"]
    figure = blank(0.9 + 0.21 * max(len(shown), 4))
    axes = dress(figure.add_subplot(), x="share of all clips", grid="x")
    left = np.zeros(len(shown))
    for label, part, colour in (
        ("agreed with", agreed, GREEN),
        ("only voice", alone, QUIET),
        ("contradicted", shown["conflicts"], PINK),
    ):
        axes.barh(place, part, left=left, height=0.72, color=colour, label=label)
        left = left + part.to_numpy()
    axes.set_yticks(place, [bare(name) for name in shown["source"]], fontsize=8.5)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.6, len(shown) - 0.4)
    legend(axes, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0)
    left_out = len(rows) - len(shown)
    return Plot(
        name=f"disagreement_{dimension}",
        title=f"Who agrees with whom on {dimension}",
        caption=(
            "A bar is as long as the share of clips the source votes on, split by what others said "
            "of the same clips. A source that is mostly contradicted is either wrong or sees what "
            "others miss: listen to a few of its clips."
            + (f" The {len(shown)} busiest of {len(rows)} sources." if left_out else "")
        ),
        alt=(
            f"Bars of {len(shown)} sources; {bare(shown['source'].iloc[0])} speaks most often "
            f"({shown['coverage'].iloc[0]:.0%} of clips)."
        ),
        figure=figure,
    )

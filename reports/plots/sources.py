"""What the weak labels' sources are worth: how much each says, how right, how contradicted."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.plots.placing import name_points
from reports.style import BLUE, GREEN, ORANGE, PINK, QUIET, Plot, blank, dress, legend, plain

_KINDS = {"function": ("labelling functions", BLUE, "o"), "crowd": ("crowd", ORANGE, "^")}
_MANY = 24


def bare(source: str) -> str:
    """A source's name without the kind before it: `shouting` for `function:shouting`."""
    return str(source).partition(":")[2] or str(source)


def weak_sources(sources: pd.DataFrame, dimension: str = "emotion") -> Plot | None:
    """Coverage against estimated accuracy, a point a source, coloured by kind.

    `sources` has columns dimension, source, kind, coverage, accuracy and, where there are
    intervals, low and high. None where no source of that dimension has an estimate.
    """
    if not {"dimension", "accuracy"} <= set(sources):
        return None
    rows = sources[(sources["dimension"] == dimension) & sources["accuracy"].notna()]
    if rows.empty:
        return None
    figure = blank(4.2)
    axes = figure.add_subplot()
    dress(axes, x="coverage: share of clips it votes on", y="estimated accuracy")
    for kind, group in rows.groupby("kind", sort=True):
        _draw_kind(axes, str(kind), group)
    axes.set_xlim(0, max(0.2, min(1.05, rows["coverage"].max() * 1.15)))
    axes.set_ylim(max(0.0, rows["accuracy"].min() - 0.12), 1.04)
    legend(axes)
    telling = rows.assign(far=(rows["accuracy"] - rows["accuracy"].mean()).abs())
    telling = telling.sort_values(["far", "source"], ascending=[False, True])
    points = list(zip(telling["coverage"], telling["accuracy"], strict=True))
    name_points(axes, points, [bare(name) for name in telling["source"]], fontsize=8)
    best = rows.loc[rows["accuracy"].idxmax()]
    n = "1 source" if len(rows) == 1 else f"{len(rows)} sources"
    return Plot(
        name=f"weak_sources_{dimension}",
        title=f"How much each source says of {dimension}, and how right it is",
        caption=(
            "Each point is a labelling function or a person of the crowd. Right: speaks often. Up: "
            "is more often right, as estimated. The useful ones are up, whether left or right. "
            "Only the most telling are named; the table has them all."
        ),
        alt=(
            f"{n} by coverage and estimated accuracy, the most accurate "
            f"{bare(best['source'])} at {best['accuracy']:.0%}."
        ),
        figure=figure,
    )


def _draw_kind(axes: Axes, kind: str, group: pd.DataFrame) -> None:
    label, colour, marker = _KINDS.get(kind, (plain(kind), PINK, "s"))
    x = group["coverage"]
    if {"low", "high"} <= set(group) and len(group) <= _MANY:
        axes.vlines(x, group["low"], group["high"], color=colour, alpha=0.35, linewidth=1.6)
    look = {"color": colour, "marker": marker, "label": label}
    axes.scatter(x, group["accuracy"], s=34, zorder=3, **look)


def disagreement(sources: pd.DataFrame, dimension: str = "emotion") -> Plot | None:
    """How each source's votes meet the others': alone, agreed with, contradicted.

    `sources` has columns dimension, source, coverage, overlaps, conflicts, all three shares of
    the whole pool (Ratner et al. 2017). None where no source votes on that dimension.
    """
    if not {"dimension", "overlaps", "conflicts"} <= set(sources):
        return None
    rows = sources[(sources["dimension"] == dimension) & (sources["coverage"] > 0)]
    if rows.empty:
        return None
    shown = rows.sort_values(["coverage", "source"], ascending=[False, True]).head(_MANY)
    figure = blank(0.9 + 0.2 * max(len(shown), 4))
    _draw_bars(dress(figure.add_subplot(), x="share of all clips", grid="x"), shown)
    of_more = f" The {len(shown)} busiest of {len(rows)} sources." if len(rows) > _MANY else ""
    return Plot(
        name=f"disagreement_{dimension}",
        title=f"Who agrees with whom on {dimension}",
        caption=(
            "A bar is as long as the share of clips the source votes on, split by what others said "
            "of the same clips. A source that is mostly contradicted is either wrong or sees what "
            "others miss: listen to a few of its clips." + of_more
        ),
        alt=(
            f"Bars of {len(shown)} sources; {bare(shown['source'].iloc[0])} speaks most often "
            f"({shown['coverage'].iloc[0]:.0%} of clips)."
        ),
        figure=figure,
    )


def _draw_bars(axes: Axes, shown: pd.DataFrame) -> None:
    place = np.arange(len(shown))[::-1]
    parts = (
        ("agreed with", shown["overlaps"] - shown["conflicts"], GREEN),
        ("only voice", shown["coverage"] - shown["overlaps"], QUIET),
        ("contradicted", shown["conflicts"], PINK),
    )
    left = np.zeros(len(shown))
    for label, part, colour in parts:
        axes.barh(place, part, left=left, height=0.72, color=colour, label=label)
        left = left + part.to_numpy()
    axes.set_yticks(place, [plain(bare(name)) for name in shown["source"]])
    axes.tick_params(axis="y", length=0, labelsize=8.5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_ylim(-0.6, len(shown) - 0.4)
    legend(axes)

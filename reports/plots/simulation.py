"""What labels buy, in simulation: a line a strategy."""

import pandas as pd

from reports.curves import mean_curve
from reports.style import BLUE, GREEN, ORANGE, PINK, QUIET, Plot, blank, dress, legend, plain

_COLOURS = (BLUE, ORANGE, GREEN, PINK, "#6a37ff", "#c12828", "#8a5a2b", "#00808f")
_MARKERS = "os^DvPX<>"
_NAMES = {"uar": "UAR", "macro_f1": "Macro F1", "ece": "ECE"}
_READ = {
    "ece": "Lower is better: stated certainty is nearer to the truth.",
}


def _view(middles: "pd.Series[float]") -> tuple[float, float]:
    """What is shown of 0 to 1: the lines with half their span about them, and .1 at least. The
    band of a few seeds reaches further than any line, and would make all of them look flat."""
    low, high = float(middles.min()), float(middles.max())
    about = max(0.1, (high - low) / 2)
    return max(0.0, low - about), min(1.0, high + about)


def simulation_curve(curve: pd.DataFrame, metric: str = "uar", *, by: str = "labels") -> Plot:
    """Mean and 95 % interval over seeds of `metric` against labels, a line a strategy.

    `curve` has columns strategy, seed, n_labels and the metric. Strategy "random" is drawn grey
    and dashed, for it is what the others have to beat. With by="minutes" (a column `minutes`) an
    expert's time lies along the bottom.
    """
    name = _NAMES.get(metric, metric)
    strategies = list(dict.fromkeys(curve["strategy"]))
    figure = blank(3.8 + 0.2 * ((len(strategies) - 1) // 3))
    axes = dress(
        figure.add_subplot(),
        x="labels bought" if by == "labels" else "minutes of an expert",
        y=name,
    )
    ends, middles = [], []
    for place, strategy in enumerate(strategies):
        mean = mean_curve(curve[curve["strategy"] == strategy], metric)
        x, middle = mean["n_labels"], mean["mean"]
        if by == "minutes":
            spent = curve[curve["strategy"] == strategy].groupby("n_labels")["minutes"].mean()
            x = x.map(spent)
        luck = strategy == "random"
        colour = QUIET if luck else _COLOURS[place % len(_COLOURS)]
        axes.fill_between(x, mean["low"], mean["high"], color=colour, alpha=0.16, linewidth=0)
        style = {"linestyle": "--" if luck else "-", "marker": _MARKERS[place % len(_MARKERS)]}
        axes.plot(x, middle, color=colour, label=plain(strategy), markersize=3.5, **style)
        middles.append(middle)
        ends.append(f"{strategy} ends at {middle.iloc[-1]:.2f}")
    axes.set_ylim(*_view(pd.concat(middles)))
    legend(axes, n_columns=2 if max(len(str(s)) for s in strategies) > 12 else 3)
    n_seeds = curve["seed"].nunique()
    read = _READ.get(metric, "A line further left needs fewer labels for the same quality.")
    many = f"the mean of {n_seeds} seeds; the band is a 95 % interval of that mean. "
    one = "one seed only, so lines may differ by luck alone. "
    return Plot(
        name=f"simulation_{metric}" + ("" if by == "labels" else f"_{by}"),
        title=f"{name} against " + ("labels bought" if by == "labels" else "an expert's time"),
        caption=(
            "Each line is a way of choosing what an expert hears next, "
            + (many if n_seeds > 1 else one)
            + read
        ),
        alt=f"Simulated {name} by {'number of labels' if by == 'labels' else by}: "
        + "; ".join(ends)
        + ".",
        figure=figure,
    )

"""What labels buy: quality against the number of expert labels, over rounds and in simulation."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from reports.curves import mean_curve
from reports.style import BLUE, GREEN, ORANGE, PINK, QUIET, Plot, blank, dress, legend

_YARDSTICKS = (
    ("reference", "reference labels", "-", "o"),
    ("held_out_gold", "expert gold", "--", "s"),
)
_SCALES = (("valence", BLUE), ("arousal", ORANGE), ("dominance", GREEN))
_STRATEGY_COLOURS = (BLUE, ORANGE, GREEN, PINK, "#6a37ff", "#c12828", "#8a5a2b", "#00808f")


def expert_labels(row: Mapping[str, Any]) -> int:
    """Segments with gold in a round's summary row, those for training and those held out."""
    return int(number(row, "n_gold") or 0) + int(number(row, "held_out_gold.n") or 0)


def number(row: Mapping[str, Any], name: str) -> float | None:
    """A finite figure of a summary row, or None where there is none."""
    value = row.get(name)
    if value is None or isinstance(value, str) or not np.isfinite(value):
        return None
    return float(value)


def learning_curve(
    rounds: Sequence[Mapping[str, Any]], *, chance: float | None = None
) -> Plot | None:
    """UAR, ECE and CCC of valence, arousal and dominance against the number of expert labels.

    `rounds` are summary rows with keys such as `n_gold`, `reference.uar`, `held_out_gold.ece`,
    `reference.ccc_valence`. Panels with nothing to show are left out; None where all are.
    """
    lines = {
        "UAR": [(f"{y}.uar", label, BLUE, style, dot) for y, label, style, dot in _YARDSTICKS],
        "ECE": [(f"{y}.ece", label, BLUE, style, dot) for y, label, style, dot in _YARDSTICKS],
        "CCC": [
            (
                f"{y}.ccc_{scale}",
                scale if y == "reference" else f"{scale} (gold)",
                colour,
                style,
                dot,
            )
            for y, _, style, dot in _YARDSTICKS
            for scale, colour in _SCALES
        ],
    }
    x = np.array([expert_labels(row) for row in rounds])
    panels = {
        title: [line for line in found if any(number(row, line[0]) is not None for row in rounds)]
        for title, found in lines.items()
    }
    panels = {title: found for title, found in panels.items() if found}
    if not panels:
        return None
    figure = blank(1.0 + 1.75 * len(panels))
    all_axes = np.atleast_1d(figure.subplots(len(panels), 1, sharex=True))
    for axes, (title, found) in zip(all_axes, panels.items(), strict=True):
        dress(axes, y=title)
        for key, label, colour, style, dot in found:
            y = np.array([number(row, key) for row in rounds], dtype=float)
            axes.plot(
                x, y, style, marker=dot, color=colour, label=label, markersize=5, linewidth=1.6
            )
        if title == "UAR" and chance is not None:
            axes.axhline(chance, color=QUIET, linewidth=1, linestyle=(0, (1, 2)), label="chance")
        legend(axes, ncols=3 if title == "CCC" else 1)
    _name_rounds(all_axes[-1], x, rounds)
    return Plot(
        name="learning_curve",
        title="What each batch of expert labels bought",
        caption=(
            "Each point is a round. UAR (share of right answers, averaged over emotions) and CCC "
            "(agreement on valence, arousal, dominance) should rise to 1; ECE (how far stated "
            "certainty is from the truth) should fall to 0."
        ),
        alt=_told(rounds, panels),
        figure=figure,
    )


def _name_rounds(axes: Axes, x: np.ndarray, rounds: Sequence[Mapping[str, Any]]) -> None:
    axes.set_xlabel("expert labels so far")
    axes.margins(x=0.08)
    if len(rounds) <= 6 and len(set(x.tolist())) == len(rounds):
        names = [f"{n:,}\nround {row.get('round', i + 1)}" for i, (n, row) in enumerate(zip(x, rounds, strict=True))]  # fmt: skip
        close = len(x) > 1 and np.diff(np.sort(x)).min() < 0.13 * (x.max() - x.min())
        if not close:
            axes.set_xticks(x, names)


def _told(rounds: Sequence[Mapping[str, Any]], panels: Mapping[str, list]) -> str:
    told = []
    for title, found in panels.items():
        key, label = found[0][0], found[0][1]
        values = [v for row in rounds if (v := number(row, key)) is not None]
        told.append(f"{title} ({label}) from {values[0]:.2f} to {values[-1]:.2f}")
    return f"Learning curve over {len(rounds)} rounds: " + "; ".join(told) + "."


def simulation_curve(curve: pd.DataFrame, metric: str = "uar") -> Plot:
    """Mean and 95 % interval over seeds of `metric` against labels, a line a strategy.

    `curve` has columns strategy, seed, n_labels and the metric.
    """
    figure = blank(3.9)
    axes = dress(figure.add_subplot(), x="labels bought", y=metric.upper())
    ends = []
    for place, strategy in enumerate(dict.fromkeys(curve["strategy"])):
        mean = mean_curve(curve[curve["strategy"] == strategy], metric)
        plain = strategy == "random"
        colour = QUIET if plain else _STRATEGY_COLOURS[place % len(_STRATEGY_COLOURS)]
        axes.fill_between(mean["n_labels"], mean["low"], mean["high"], color=colour, alpha=0.16, linewidth=0)  # fmt: skip
        axes.plot(mean["n_labels"], mean["mean"], color=colour, linewidth=1.8, label=str(strategy),
                  linestyle="--" if plain else "-", marker="os^DvPX"[place % 7], markersize=3.5)  # fmt: skip
        ends.append(f"{strategy} ends at {mean['mean'].iloc[-1]:.2f}")
    legend(axes, loc="lower right" if metric != "ece" else "upper right")
    n_seeds = curve["seed"].nunique()
    return Plot(
        name=f"simulation_{metric}",
        title=f"{metric.upper()} against labels bought",
        caption=(
            "Each line is a way of choosing what an expert hears next, the mean of "
            f"{n_seeds} {'seed' if n_seeds == 1 else 'seeds'}; the band is a 95 % interval of that "
            "mean. A line further left needs fewer labels for the same quality."
            if n_seeds > 1
            else "Each line is a way of choosing what an expert hears next. One seed only: the "
            "lines may differ by luck alone."
        ),
        alt=f"Simulated {metric.upper()} by number of labels: " + "; ".join(ends) + ".",
        figure=figure,
    )

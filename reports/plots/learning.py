"""What labels buy, over rounds: quality against the number of expert labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reports.style import BLUE, GREEN, ORANGE, QUIET, Plot, blank, dress, legend

_SCALES = (("valence", BLUE), ("arousal", ORANGE), ("dominance", GREEN))


@dataclass(frozen=True)
class _Line:
    key: str
    label: str
    colour: str
    dashed: bool


def _lines(metric: str) -> list[_Line]:
    """A line a yardstick: whole against reference labels, dashed against expert gold."""
    found = []
    for yardstick, name, dashed in (
        ("reference", "reference", False),
        ("held_out_gold", "gold", True),
    ):
        if metric == "ccc":
            found += [
                _Line(f"{yardstick}.ccc_{scale}", f"{scale}, {name}", colour, dashed)
                for scale, colour in _SCALES
            ]
        else:
            label = "expert gold" if dashed else "reference labels"
            found.append(_Line(f"{yardstick}.{metric}", label, ORANGE if dashed else BLUE, dashed))
    return found


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
    panels = {}
    for metric in ("uar", "ece", "ccc"):
        has = [m for m in _lines(metric) if any(number(row, m.key) is not None for row in rounds)]
        if has:
            panels[metric.upper()] = has
    if not panels:
        return None
    x = np.array([expert_labels(row) for row in rounds])
    figure = blank(0.7 + 1.85 * len(panels))
    all_axes = np.atleast_1d(figure.subplots(len(panels), 1, sharex=True))
    for axes, (title, lines) in zip(all_axes, panels.items(), strict=True):
        dress(axes, y=title)
        for line in lines:
            y = np.array([number(row, line.key) for row in rounds], dtype=float)
            look = {"linestyle": "--", "marker": "s"} if line.dashed else {"marker": "o"}
            axes.plot(x, y, color=line.colour, label=line.label, markersize=5, **look)
        if title == "UAR" and chance is not None:
            axes.axhline(chance, color=QUIET, linewidth=1, linestyle=(0, (1, 2)), label="guessing")
        # The names of six lines are too long for three beside one another.
        legend(axes, n_columns=2 if len(lines) > 3 else min(len(lines) + 1, 3))
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
    apart = np.diff(np.sort(x))
    if len(x) > 6 or (len(x) > 1 and apart.min() < 0.14 * np.ptp(x)) or not np.all(apart):
        axes.xaxis.get_major_locator().set_params(integer=True)
        return
    numbers = [row.get("round", place) for place, row in enumerate(rounds, 1)]
    axes.set_xticks(x, [f"{n:,}\nround {r}" for n, r in zip(x, numbers, strict=True)])


def _told(rounds: Sequence[Mapping[str, Any]], panels: Mapping[str, list[_Line]]) -> str:
    told = []
    for title, lines in panels.items():
        values = [v for row in rounds if (v := number(row, lines[0].key)) is not None]
        told.append(f"{title} ({lines[0].label}) from {values[0]:.2f} to {values[-1]:.2f}")
    n = "1 round" if len(rounds) == 1 else f"{len(rounds)} rounds"
    return f"Learning curve over {n}: " + "; ".join(told) + "."

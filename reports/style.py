"""How every figure looks: one colour an emotion, plain axes, ink that a dark page can turn over."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

INK = "#1f2329"
QUIET = "#5c6470"
GRID = "#d4d9df"
PAPER = "#f6f8fa"
BLUE, ORANGE, GREEN, PINK = "#2486f9", "#d48200", "#42a76c", "#d56fc2"
WIDTH_IN = 4.8

# Searched for: at least 3:1 against white and against the dark page, and any two colours at
# least 27 apart (CIE 1976) to a reader with normal, deuteranopic or protanopic sight and 18 to
# a tritanopic one (simulated after Machado et al. 2009).
_EMOTIONS = {
    "anger": "#c12828",
    "disgust": "#42a76c",
    "fear": "#6a37ff",
    "happiness": "#d48200",
    "neutral": "#5f6669",
    "sadness": "#2486f9",
    "surprise": "#d56fc2",
}
_SPARE = ("#8a5a2b", "#00808f", "#8f8a00", "#a0446b", "#4f6fa8", "#7d7d3a")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*")


@dataclass(frozen=True)
class Plot:
    """A figure with the words it needs.

    `name` is a file stem; `caption` says to a newcomer how to read it; `alt` says what it shows
    to who cannot see it.
    """

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure


def emotion_colours(classes: Sequence[str]) -> dict[str, str]:
    """A colour for each class: always the same for the default emotions, spare ones for others."""
    spare = [name for name in classes if name not in _EMOTIONS]
    return {
        name: _EMOTIONS.get(name) or _SPARE[spare.index(name) % len(_SPARE)] for name in classes
    }


def blank(height_in: float, width_in: float = WIDTH_IN) -> Figure:
    """An empty transparent figure whose parts make room for one another."""
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    FigureCanvasAgg(figure)  # without a canvas that can draw, measuring a text draws it all
    figure.patch.set_alpha(0)
    return figure


def dress(axes: Axes, *, x: str = "", y: str = "", grid: str = "both") -> Axes:
    """Name the axes and leave of frame and grid only what helps to read them."""
    axes.patch.set_alpha(0)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GRID)
    axes.tick_params(colors=INK, labelsize=9.5, length=3, color=GRID)
    axes.set_xlabel(x, color=INK, fontsize=10)
    axes.set_ylabel(y, color=INK, fontsize=10)
    if grid:
        axes.grid(axis=grid, color=GRID, linewidth=0.7)
    return axes


def legend(axes: Axes, *, n_columns: int = 3, **options: object) -> None:
    """A legend without a box above the axes, where it covers nothing."""
    look = {
        "frameon": False,
        "fontsize": 9,
        "labelcolor": INK,
        "ncols": n_columns,
        "borderaxespad": 0,
        "columnspacing": 1.2,
        "handlelength": 1.6,
        "handletextpad": 0.5,
        **options,
    }
    if len(axes.figure.axes) == 1:  # as wide as the figure, so that long names have room
        axes.figure.legend(loc="outside upper left", **look)
    else:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), **look)


def plain(name: object, most: int = 26) -> str:
    """A name as a figure can write it: no formula, one line, no letter the font lacks, not long."""
    drawn = "".join(c if ord(c) in _letters() else "▯" for c in " ".join(str(name).split()))
    short = drawn if len(drawn) <= most else drawn[: most - 1] + "…"
    return short.replace("$", r"\$")


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())

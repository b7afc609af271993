"""Names beside points, without one lying on another."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from reports.style import INK, PAPER, plain

_SIDES = (
    (7, 0, "left", "center"),
    (-7, 0, "right", "center"),
    (0, 7, "center", "bottom"),
    (0, -7, "center", "top"),
    (6, 6, "left", "bottom"),
    (-6, -6, "right", "top"),
    (-6, 6, "right", "bottom"),
    (6, -6, "left", "top"),
)
_TRIES = 4
_RADIUS = 4.0


def name_points(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    *,
    fontsize: float = 8.5,
    most: int = 14,
) -> int:
    """Write each point's name on the first free side of it, in the order given.

    A name for which no side is free is left out, and so are names past `most`; of very many
    points only the first few times `most` are tried. Limits of the axes must be set. Returns how
    many names stand.
    """
    axes.figure.draw_without_rendering()
    centres = axes.transData.transform(np.asarray(points, dtype=float))
    taken = np.hstack([centres - _RADIUS, centres + _RADIUS])
    n_named = 0
    for point, name in list(zip(points, names, strict=True))[: _TRIES * most]:
        if n_named == most:
            break
        for side in _SIDES:
            text = _write(axes, point, name, side, fontsize)
            box = np.ravel(text.get_window_extent().get_points())
            if _fits(axes, box) and not _meets(box, taken):
                taken = np.vstack([taken, box])
                n_named += 1
                break
            text.remove()
    return n_named


def _write(
    axes: Axes,
    point: tuple[float, float],
    name: str,
    side: tuple[int, int, str, str],
    fontsize: float,
) -> Annotation:
    dx, dy, across, along = side
    return axes.annotate(
        plain(name),
        point,
        xytext=(dx, dy),
        textcoords="offset points",
        ha=across,
        va=along,
        fontsize=fontsize,
        color=INK,
        bbox={"facecolor": PAPER, "alpha": 0.7, "linewidth": 0, "pad": 0.6},
    )


def _fits(axes: Axes, box: np.ndarray) -> bool:
    room = np.ravel(axes.get_window_extent().get_points())
    return bool((box[:2] >= room[:2]).all() and (box[2:] <= room[2:]).all())


def _meets(box: np.ndarray, others: np.ndarray) -> bool:
    """Does a box (x0, y0, x1, y1) overlap any of the others (n, 4)?"""
    apart = (others[:, :2] >= box[2:]) | (others[:, 2:] <= box[:2])
    return bool((~apart.any(axis=1)).any())

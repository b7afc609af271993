"""Names beside points, without one lying on another."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

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


def name_points(
    axes: Axes,
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    *,
    fontsize: float = 8.5,
    most: int = 14,
    avoid: Sequence[tuple[float, float]] = (),
) -> int:
    """Write each point's name on the first free side of it, in the order given.

    A name for which no side is free is left out, and so are names past `most`. Limits of the
    axes must be set. `avoid` are further points that no name may cover. Returns how many stand.
    """
    figure = axes.figure
    figure.draw_without_rendering()
    room = axes.get_window_extent()
    taken = [_around(axes, point) for point in (*points, *avoid)]
    n_named = 0
    for point, name in zip(points, names, strict=True):
        if n_named == most:
            break
        for dx, dy, horizontal, vertical in _SIDES:
            text = axes.annotate(
                plain(name), point, xytext=(dx, dy), textcoords="offset points",
                ha=horizontal, va=vertical, fontsize=fontsize, color=INK,
                path_effects=[withStroke(linewidth=2.5, foreground=PAPER)],
            )  # fmt: skip
            box = text.get_window_extent()
            inside = room.contains(box.x0, box.y0) and room.contains(box.x1, box.y1)
            if inside and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                n_named += 1
                break
            text.remove()
    return n_named


def _around(axes: Axes, point: tuple[float, float], radius: float = 4) -> Bbox:
    x, y = axes.transData.transform(point)
    return Bbox.from_extents(x - radius, y - radius, x + radius, y + radius)

"""Contour: the shape that pitch or loudness has over a clip, and over each voiced stretch."""

import numpy as np
from numpy.typing import NDArray

from audio.grid import HOP_S
from audio.rhythm import Stretches

SHAPE_PARTS = (
    "first_third",
    "middle_third",
    "last_third",
    "peak_position",
    "curvature",
    "skewness",
)

_FEWEST = 9
_EDGE = 8
_SHORTEST_RUN = 5


def shape(course: NDArray[np.floating], on: NDArray[np.bool_]) -> dict[str, float]:
    """The shape of a contour (T,) over the frames that are `on`, by SHAPE_PARTS.

    Time runs from 0 to 1 between the first frame on and the last. The thirds are means less the
    mean of all, the peak's position is a time, the curvature the quadratic term of the regression
    over time as it runs from -1 to 1 (positive: a valley), the skewness the third standardised
    moment. NaN below nine frames.
    """
    at = np.flatnonzero(on)
    if len(at) < _FEWEST:
        return dict.fromkeys(SHAPE_PARTS, np.nan)
    values = course[at].astype(np.float64)
    values = values - values.mean()
    time = (at - at[0]) / (at[-1] - at[0])
    thirds = [
        float(values[part].mean()) if part.any() else np.nan
        for part in (time <= 1 / 3, (time > 1 / 3) & (time < 2 / 3), time >= 2 / 3)
    ]
    moments = np.square(values).mean(), (values**3).mean()
    skewness = float(moments[1] / moments[0] ** 1.5) if moments[0] > 1e-12 else 0.0
    curvature = _curvature(2 * time - 1, values)
    found = (*thirds, float(time[values.argmax()]), curvature, skewness)
    return dict(zip(SHAPE_PARTS, found, strict=True))


def _curvature(time: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The coefficient of time squared in the least-squares parabola through `values`."""
    centred = time - time.mean()
    square = np.square(centred)
    # What of the square neither the constant nor the line explains.
    bow = square - square.mean() - centred * (centred @ square) / square.sum()
    return float(bow @ values / (bow @ bow))


def edges(course: NDArray[np.floating], on: NDArray[np.bool_]) -> tuple[float, float]:
    """The means of the first and of the last 80 ms that are `on`, less the mean of all."""
    values = course[on].astype(np.float64)
    if len(values) < _FEWEST:
        return np.nan, np.nan
    return (
        float(values[:_EDGE].mean() - values.mean()),
        float(values[-_EDGE:].mean() - values.mean()),
    )


def run_slopes(
    course: NDArray[np.floating], runs: Stretches
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The regression slope (a second) and the range of every run of at least 50 ms."""
    slopes, ranges = [], []
    for start, length in zip(runs.start.tolist(), runs.length.tolist(), strict=True):
        if length >= _SHORTEST_RUN:
            values = course[start : start + length].astype(np.float64)
            time = (np.arange(length) - (length - 1) / 2) * HOP_S
            slopes.append(float(time @ values / (time @ time)))
            ranges.append(float(values.max() - values.min()))
    return np.array(slopes), np.array(ranges)


def correlation(a: NDArray[np.floating], b: NDArray[np.floating], on: NDArray[np.bool_]) -> float:
    """Pearson's correlation of two contours where both are `on`; NaN where one is level."""
    if on.sum() < _FEWEST:
        return np.nan
    x, y = a[on].astype(np.float64), b[on].astype(np.float64)
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale > 1e-9 else np.nan

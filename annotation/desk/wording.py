"""Figures and times as people read them."""

import math


def figure(value: float, digits: int = 2) -> str:
    """A number, "–" where it is not known."""
    return "–" if not math.isfinite(value) else f"{value:.{digits}f}"


def span(seconds: float) -> str:
    """Seconds as a length of time: "40 s", "12 min", "3.5 h", "4 days"."""
    if not math.isfinite(seconds):
        return "–"
    for below, unit, name in ((90, 1, "s"), (90 * 60, 60, "min"), (48 * 3600, 3600, "h")):
        if seconds < below:
            number = seconds / unit
            return f"{number:.1f} {name}" if name == "h" else f"{number:.0f} {name}"
    return f"{seconds / 86_400:.0f} days"

"""Figures as a reader sees them; what is not known is a dash, never a number."""

import math
from typing import Any

DASH = "–"
_GAP = "\u202f"
_TO = "\u2060–\u2060"  # word joiners: an interval never breaks across lines


def is_known(value: Any) -> bool:
    """Is there a figure at all: not None, not NaN or infinite, not an empty text."""
    if value is None or value == "":
        return False
    try:
        return math.isfinite(value)
    except TypeError:
        return True


def count(value: Any) -> str:
    """12345 as `12,345`."""
    return f"{round(value):,}" if is_known(value) else DASH


def score(value: Any) -> str:
    """0.7345 as `0.73`; a true minus sign where it is below nothing."""
    return f"{value:.2f}".replace("-", "\u2212") if is_known(value) else DASH


def points(value: Any) -> str:
    """A difference of scores in points, with its sign."""
    return f"{100 * value:+.1f}".replace("-", "\u2212") if is_known(value) else DASH


def share(value: Any) -> str:
    """0.734 as `73 %`; shares under a hundredth keep one digit more."""
    if not is_known(value):
        return DASH
    digits = 1 if 0 < abs(value) < 0.0995 else 0
    return f"{100 * value:.{digits}f}{_GAP}%"


def seconds(value: Any) -> str:
    """2.345 as `2.3 s`, 75 as `1:15 min`."""
    if not is_known(value):
        return DASH
    if value < 59.95:
        return f"{value:.1f}{_GAP}s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}:{rest:02d}{_GAP}min"


def between(low: Any, high: Any) -> str:
    """An interval as `0.61–0.79`."""
    return f"{score(low)}{_TO}{score(high)}" if is_known(low) and is_known(high) else DASH


def shares_between(low: Any, high: Any) -> str:
    """An interval of shares as `61–79 %`."""
    if not (is_known(low) and is_known(high)):
        return DASH
    return f"{100 * low:.0f}{_TO}{100 * high:.0f}{_GAP}%"


def text(value: Any) -> str:
    """Any value as text; a dash where there is none."""
    return str(value) if is_known(value) else DASH

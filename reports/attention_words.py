"""Where a model listened, in words and in one line of characters."""

from collections.abc import Sequence

import numpy as np

_BARS = "▁▂▃▄▅▆▇█"
_MOST_BARS = 60


def listened_to(stretches: Sequence[tuple[float, float, float]]) -> str:
    """Stretches (start in s, end in s, share of attention) as the end of "it listened …".

    >>> listened_to([(0.3, 0.6, 0.41), (1.2, 1.5, 0.2)])
    'most to 0.30-0.60 s (41 % of its attention) and 1.20-1.50 s (20 %)'
    >>> listened_to([])
    'to all of it about alike'
    """
    if not stretches:
        return "to all of it about alike"
    parts = [f"{a:.2f}-{b:.2f} s ({share:.0%})".replace("%", " %") for a, b, share in stretches]
    parts[0] = parts[0][:-1] + " of its attention)"
    return "most to " + (
        parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    )


def sparks(level: Sequence[float]) -> str:
    """A course (t,) as at most 60 characters, the tallest the largest value.

    >>> sparks([0.0, 1.0, 2.0])
    '▁▅█'
    """
    values = [float(part.mean()) for part in np.array_split(level, min(_MOST_BARS, len(level)))]
    top = max(*values, 1e-9)
    return "".join(_BARS[round(max(v, 0.0) / top * (len(_BARS) - 1))] for v in values)

"""Neighbours: how a turn differs from those around it in its conversation."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def among_neighbours(
    values: NDArray[np.floating], conversations: Sequence[str], *, reach: int = 2
) -> NDArray[np.float64]:
    """How turns (n, d), in order, differ from those around them in their conversation; (n, 2 d).

    First each turn less the mean of up to `reach` turns before it, then less that of up to
    `reach` after it; NaN where there is none, or nothing is known. `conversations` (n,) names the
    conversation of each turn. Raises ValueError where the numbers differ or `reach` is below 1.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or len(table) != len(conversations):
        raise ValueError(f"values are {table.shape}; ({len(conversations)} turns, d) is expected")
    if reach < 1:
        raise ValueError(f"reach {reach} is below 1")
    names = np.asarray(conversations, dtype=str)
    sides = []
    for direction in (1, -1):
        total, count = np.zeros_like(table), np.zeros_like(table)
        for step in range(1, reach + 1):
            near = np.full_like(table, np.nan)
            same = names[step:] == names[:-step]
            here, there = (slice(step, None), slice(None, -step))[::direction]
            near[here] = np.where(same[:, None], table[there], np.nan)
            known = ~np.isnan(near)
            total += np.where(known, near, 0.0)
            count += known
        mean = np.where(count > 0, total, np.nan) / np.maximum(count, 1)
        sides.append(table - mean)
    return np.concatenate(sides, axis=1)

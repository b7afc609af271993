"""What the values of a table of votes are: classes, steps of a scale, or measurements."""

from dataclasses import replace

import numpy as np

from annotation.tables import TableError
from annotation.text_columns import Problem
from annotation.vote_tables import VoteTable, as_numbers
from labels.alpha import LEVELS, Level

MAX_CODES = 20
"""Different numbers up to which they may be codes of classes, unless one says otherwise."""

MOST_TEXTS = 0.1
"""Share of votes up to which texts among ratings are slips ("n/a"), not classes."""


def without_slips(table: VoteTable, level: str | None = None) -> VoteTable:
    """The table without the few texts among its ratings, each of them a problem of its own.

    Where the votes are said to be classes, or may be (few different numbers, or many texts), it
    is the table as given. An item with no other vote is left out with them.
    """
    odd = np.array([as_numbers([text]) is None for text in table.values], dtype=bool)
    is_odd = odd[table.value]
    few = 0 < is_odd.sum() <= MOST_TEXTS * len(is_odd)
    scale = level in ("ordinal", "interval") or (level is None and (~odd).sum() > MAX_CODES)
    if not (few and scale):
        return table
    slips = [
        Problem(
            0, f"{table.annotators[a]!r} on {table.items[i]!r}: {table.values[v]!r} is no number"
        )
        for i, a, v in zip(
            *(part[is_odd].tolist() for part in (table.item, table.annotator, table.value)),
            strict=True,
        )
    ]
    kept = np.bincount(table.item[~is_odd], minlength=len(table.items)) > 0
    return replace(
        table,
        items=tuple(name for name, stays in zip(table.items, kept, strict=True) if stays),
        values=tuple(text for text, no in zip(table.values, odd, strict=True) if not no),
        item=(np.cumsum(kept) - 1)[table.item[~is_odd]],
        annotator=table.annotator[~is_odd],
        value=(np.cumsum(~odd) - 1)[table.value[~is_odd]],
        problems=(*table.problems, *slips),
    )


def level_of(table: VoteTable, level: str | None = None) -> Level:
    """nominal, ordinal or interval, as told; None: more than 20 different numbers are interval.

    Raises TableError for another level, or one that needs numbers where there are texts.
    """
    numbers = table.numbers()
    if level is None:
        many = numbers is not None and len(numbers) > MAX_CODES
        return "interval" if many else "nominal"
    if level not in LEVELS:
        raise TableError(f"level {level!r} is not one of {', '.join(LEVELS)}")
    if level != "nominal" and numbers is None:
        odd = next(text for text in table.values if as_numbers([text]) is None)
        raise TableError(f"level {level} needs numbers, but {odd!r} is none")
    return next(one for one in LEVELS if one == level)

"""What the values of a table of votes are: classes, steps of a scale, or measurements."""

from annotation.tables import TableError
from annotation.vote_tables import VoteTable, as_numbers
from labels.alpha import LEVELS, Level

MAX_CODES = 20
"""Different numbers up to which they may be codes of classes, unless one says otherwise."""


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

"""Column types that mean the same on SQLite and PostgreSQL, and take numpy's numbers."""

import math
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from db.errors import RecordError


class Text(TypeDecorator[str]):
    """Text that both databases hold: NUL and lone surrogates are refused with RecordError."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        text = str(value)
        if not can_be_kept(text):
            raise RecordError(f"text {text[:80]!r} holds a NUL or is not valid Unicode")
        return text


def can_be_kept(text: str) -> bool:
    """Whether both databases hold such a text: no NUL, no lone surrogate in it."""
    if "\0" in text:
        return False
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return False
    return True


def keepable(text: str) -> str:
    """A text in which what no database holds is written out, such as `\\x00`."""
    if can_be_kept(text):
        return text
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


class Real(TypeDecorator[float]):
    """A double; NaN, which means "not known", is kept as NULL."""

    impl = sa.Double
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> float | None:  # noqa: ARG002
        if value is None:
            return None
        number = float(value)
        return None if math.isnan(number) else number


class Whole(TypeDecorator[int]):
    """A 64-bit whole number; numpy's integers are welcome."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else int(value)


class Instant(TypeDecorator[datetime]):
    """A moment: an aware time in any zone goes in, UTC comes out. Naive times are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise RecordError(f"time {value.isoformat()} has no time zone")
        moment = value.astimezone(UTC)
        # SQLite keeps no zone; without one its text form sorts by time.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Any JSON value. NaN and infinities become null, which JSON has and they are not."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        return as_json(value)


def as_json(value: Any) -> Any:
    """`value` as what JSON can say: tuples and arrays are lists, numpy scalars plain numbers.

    Numbers that are not finite become None. Raises RecordError for anything else unknown to JSON.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner) for inner in value]
    if hasattr(value, "tolist"):
        return as_json(value.tolist())
    raise RecordError(f"{value!r} of type {type(value).__name__} cannot be written as JSON")

"""Whole tables as DataFrames, read in blocks so that rows and columns are not held twice."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

_ROWS_AT_ONCE = 50_000


def read_frame(
    tx: Connection,
    query: sa.Select[Any],
    *,
    numbers: Collection[str] = (),
    times: Collection[str] = (),
) -> pd.DataFrame:
    """The rows of a query, in its order.

    Columns named in `numbers` are float64, in `times` datetime64[us, UTC]; all others text (pandas'
    `str`). What is missing is NaN or NaT. An empty table has the same columns and types.
    """
    # As they are stored: reading a million times through a Python function takes seconds.
    columns = [
        sa.type_coerce(c, Untouched()).label(c.name) if c.name in times else c
        for c in query.selected_columns
    ]
    result = tx.execute(
        query.with_only_columns(*columns, maintain_column_froms=True),
        execution_options={"yield_per": _ROWS_AT_ONCE},
    )
    names = list(result.keys())
    blocks = [
        pd.DataFrame(
            {
                name: _column(values, name, numbers, times)
                for name, values in zip(names, zip(*rows, strict=True), strict=True)
            }
        )
        for rows in result.partitions()
    ]
    if blocks:
        return pd.concat(blocks, ignore_index=True)
    return pd.DataFrame({name: _column((), name, numbers, times) for name in names})


class Untouched(sa.types.UserDefinedType[Any]):
    """Whatever the driver gives, untouched."""

    cache_ok = True


def _column(
    values: Sequence[Any], name: str, numbers: Collection[str], times: Collection[str]
) -> Any:
    if name in numbers:
        return np.array(values, dtype=np.float64)  # None becomes NaN
    if name in times:
        moments = pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601")
        return moments.astype("datetime64[us, UTC]")
    return pd.array(list(values), dtype="str")

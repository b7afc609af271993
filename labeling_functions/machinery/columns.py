"""A column of votes: what a labelling function says of every row of a table."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labels.votes import ABSTAIN

Said: TypeAlias = "str | float | Set[str] | Set[float]"
"""An emotion's name, a scale's level ("low", "mid", "high" or a number), or a set of either."""


@dataclass(frozen=True)
class VoteColumn:
    """Votes by row: `codes` (n_rows,) point into `values`; -1 abstains."""

    codes: NDArray[np.int64]
    values: tuple[Any, ...]


def cases(table: pd.DataFrame, *pairs: tuple[Any, Said]) -> VoteColumn:
    """Votes by rule: in each row the first pair (mask, value) whose mask holds; else abstain.

    A mask is a boolean column of the table's length; missing (NA) does not hold. A value is an
    emotion, a level of a scale ("low", "mid", "high" or a number in scale units) or a set of them.
    Raises ValueError for a mask that is not such a column, naming which.

    >>> table = pd.DataFrame({"arousal": [0.1, 2.0, float("nan")]})
    >>> cases(table, (table["arousal"] > 1, {"anger", "fear"}), (table["arousal"] < 1, "sadness"))
    VoteColumn(codes=array([ 1,  0, -1]), values=(frozenset({...}), 'sadness'))
    """
    codes = np.full(len(table), ABSTAIN, dtype=np.int64)
    values = tuple(frozenset(v) if isinstance(v, Set) else v for _, v in pairs)
    for place in reversed(range(len(pairs))):
        codes[_holds(pairs[place][0], table, place + 1)] = place
    return VoteColumn(codes, values)


def _holds(mask: Any, table: pd.DataFrame, place: int) -> NDArray[np.bool_]:
    if isinstance(mask, pd.Series) and not mask.index.equals(table.index):
        raise ValueError(f"the mask of case {place} has other rows than the table")
    if isinstance(mask, pd.Series) and isinstance(mask.dtype, pd.BooleanDtype):
        mask = mask.fillna(value=False).to_numpy(dtype=bool)
    holds: NDArray[np.bool_] = np.asarray(mask)
    if holds.dtype != bool or holds.shape != (len(table),):
        raise ValueError(
            f"the mask of case {place} is {holds.dtype} of shape {holds.shape}, "
            f"not bool of shape ({len(table)},)"
        )
    return holds


def column_of(returned: Any, table: pd.DataFrame) -> VoteColumn:
    """Whatever a labelling function returned, as a VoteColumn over the table's rows.

    Besides `cases(...)` that is a Series (rows it does not have abstain), an array or a list of
    one value a row, None or NaN to abstain. Raises ValueError for anything else.
    """
    if isinstance(returned, VoteColumn):
        column = returned
    elif isinstance(returned, pd.Series):
        if not returned.index.equals(table.index):
            if not (returned.index.is_unique and returned.index.isin(table.index).all()):
                raise ValueError("returned a Series whose rows are not rows of the table")
            returned = returned.reindex(table.index)
        column = _factorized(returned)
    elif isinstance(returned, (list, np.ndarray)):
        column = _factorized(pd.Series(returned, dtype=None if len(returned) else object))
    else:
        raise ValueError(
            f"returned {type(returned).__name__}, not cases(...) or a column of {len(table)} votes"
        )
    if column.codes.shape != (len(table),):
        raise ValueError(f"returned {len(column.codes)} votes for {len(table)} rows")
    return column


def _factorized(column: "pd.Series[Any]") -> VoteColumn:
    try:
        codes, values = pd.factorize(column)
    except TypeError:
        # Plain sets have no hash; only then is every row touched from Python.
        hashable = [frozenset(v) if isinstance(v, (set, list)) else v for v in column]
        codes, values = pd.factorize(pd.Series(hashable, index=column.index, dtype=object))
    return VoteColumn(codes.astype(np.int64), tuple(values.tolist()))

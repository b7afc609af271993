"""Applying labelling functions to a table: votes for the label model, problems for people."""

import difflib
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labeling_functions.machinery.columns import column_of
from labeling_functions.machinery.function import LabelingFunction
from labeling_functions.machinery.meaning import meanings
from labeling_functions.machinery.problems import Problem, one_line
from labels.scheme import Scheme, SchemeError
from labels.votes import Value, Votes


@dataclass(frozen=True)
class Applied:
    """What came of it.

    `votes` has every dimension of the scheme, its sources the functions that voted on it (or
    abstained throughout); items are the table's rows. A function that failed is in `problems` and
    nowhere else. `versions` and `seconds` are by name, of the functions that did not fail.
    """

    votes: dict[str, Votes]
    problems: list[Problem]
    versions: dict[str, str]
    seconds: dict[str, float]


@dataclass(frozen=True)
class _Cast:
    """One function's votes: rows, and for each the place in `values`."""

    name: str
    item: NDArray[np.int64]
    place: NDArray[np.int64]
    values: tuple[Value, ...]


def apply(functions: Iterable[LabelingFunction], table: pd.DataFrame, scheme: Scheme) -> Applied:
    """Let every function vote on every row.

    A function that raises, returns no column of votes, votes for what the scheme does not know
    or on a dimension it does not have is left out, with one line in `problems`.
    """
    cast: dict[str, list[_Cast]] = {dimension: [] for dimension in scheme.dimensions}
    problems: list[Problem] = []
    versions: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for function in functions:
        began = time.perf_counter()
        try:
            votes = _cast(function, table, scheme)
        except Exception as error:
            problems.append(Problem(function.where, _reason(error, table)))
            continue
        seconds[function.name] = time.perf_counter() - began
        versions[function.name] = function.version
        cast[function.on].append(votes)
    joined = {
        dimension: _joined(them, len(table), scheme.n_classes(dimension))
        for dimension, them in cast.items()
    }
    return Applied(joined, problems, versions, seconds)


def _cast(function: LabelingFunction, table: pd.DataFrame, scheme: Scheme) -> _Cast:
    if function.on not in scheme.dimensions:
        raise SchemeError(
            f"votes on {function.on!r}, which the scheme does not have "
            f"(it has {', '.join(scheme.dimensions)})"
        )
    # A shallow copy: what one function adds to its table no other one sees.
    column = column_of(function(table.copy(deep=False)), table)
    if len(column.codes) and not -1 <= column.codes.min() <= column.codes.max() < len(
        column.values
    ):
        raise ValueError(f"codes must lie in [-1, {len(column.values)})")
    place_of, values = meanings(column.values, function.on, scheme)
    place = np.append(place_of, -1)[column.codes]
    item = np.flatnonzero(place >= 0)
    return _Cast(function.name, item, place[item], values)


def _joined(cast: list[_Cast], n_items: int, n_classes: int) -> Votes:
    vocabulary = tuple(dict.fromkeys(value for one in cast for value in one.values))
    at = {value: place for place, value in enumerate(vocabulary)}
    none = np.empty(0, dtype=np.int64)
    value = [np.array([at[v] for v in one.values], dtype=np.int64)[one.place] for one in cast]
    return Votes(
        n_items=n_items,
        n_classes=n_classes,
        sources=tuple(one.name for one in cast),
        vocabulary=vocabulary,
        item=np.concatenate([none, *(one.item for one in cast)]),
        source=np.repeat(np.arange(len(cast)), [len(one.item) for one in cast]),
        value=np.concatenate([none, *value]),
    )


def _reason(error: Exception, table: pd.DataFrame) -> str:
    if isinstance(error, SchemeError):
        return " ".join(str(error).split())
    if isinstance(error, KeyError) and len(error.args) == 1 and isinstance(error.args[0], str):
        missing = error.args[0]
        if missing.isidentifier() and missing not in table.columns:
            near = difflib.get_close_matches(missing, map(str, table.columns), n=2, cutoff=0.7)
            hint = f" (did you mean {' or '.join(near)}?)" if near else ""
            return f"needs the column {missing!r}, which the table does not have{hint}"
    return one_line(error)

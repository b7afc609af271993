"""What labelling functions are worth on a table: Snorkel's analysis, sets of classes included."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labeling_functions.machinery.applying import apply
from labeling_functions.machinery.function import LabelingFunction
from labeling_functions.machinery.loading import load
from labeling_functions.machinery.redundancy import nearest, redundancy
from labels.agreement import source_accuracy, source_summary
from labels.scheme import Scheme
from labels.votes import Votes

Gold: TypeAlias = Mapping[str, pd.Series] | pd.Series
"""What is true: per dimension (or for `emotion`) names or ratings, by the table's index."""


def check(
    table: pd.DataFrame,
    functions: Iterable[LabelingFunction] | None = None,
    scheme: Scheme | None = None,
    *,
    gold: Gold | None = None,
    estimates: Mapping[str, Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    """Let functions vote on a table and say of each what it did; a row a function.

    Columns as in `analysis`, then `seconds` and `version`. `functions` are those that ship and
    `scheme` is the default one, where not given. `gold` says what is true of some rows;
    `estimates`, by function, is what a label model found (the `sources` of its report:
    accuracy, accuracy_low, accuracy_high). Functions that failed are in `.attrs["problems"]`, a
    line each. Raises SchemeError for gold that the scheme does not know.
    """
    scheme = scheme or Scheme.default()
    chosen = tuple(load().functions if functions is None else functions)
    applied = apply(chosen, table, scheme)
    found = analysis(applied.votes, scheme, truth=truth_of(gold, table, scheme))
    found = found.reindex([one.name for one in chosen if one.name in applied.versions])
    found["j"] = np.arange(len(found))
    if estimates is not None:
        known = {name.removeprefix("function:"): said for name, said in estimates.items()}
        for column in ("accuracy", "accuracy_low", "accuracy_high"):
            said = [known.get(name, {}).get(column) for name in found.index]
            found[f"estimated_{column}"] = np.array(said, dtype=float)
    found["seconds"] = [applied.seconds[name] for name in found.index]
    found["version"] = [applied.versions[name] for name in found.index]
    found.attrs["problems"] = [str(problem) for problem in applied.problems]
    return found


def analysis(
    votes: Mapping[str, Votes],
    scheme: Scheme,
    *,
    truth: Mapping[str, NDArray[np.int64]] | None = None,
) -> pd.DataFrame:
    """What each source did, a row a source (index `function`), dimension after dimension.

    Snorkel's columns: `j` (row), `Polarity` (class indices voted for; a set as a tuple),
    `Coverage`, `Overlaps`, `Conflicts` (another's vote rules this one's out: their sets share no
    class), `Correct` and `Incorrect` (votes that do and do not hold the truth) and `Emp. Acc.`.
    Ours: `on`; `n_votes`; `votes_for`, in words; `chance`, what the same votes would score by
    luck, and `lift`, how many times better they are; `redundant_with`, the source most like it
    (see `redundancy`), with `phi`, `same_votes` and `equal`. `truth[dimension]` is (n_items,)
    class or bin indices, -1 where not known; without it the columns that need it are NaN.
    """
    parts = []
    for dimension in scheme.dimensions:
        if dimension in votes and votes[dimension].sources:
            known = (truth or {}).get(dimension)
            parts.append(_of_dimension(votes[dimension], dimension, scheme, known))
    if not parts:
        return _of_dimension(Votes.empty(0, 2), "emotion", scheme, None)
    found = pd.concat(parts)
    found["j"] = np.arange(len(found))
    return found


def truth_of(
    gold: Gold | None, table: pd.DataFrame, scheme: Scheme
) -> dict[str, NDArray[np.int64]]:
    """Gold as class or bin indices (n_rows,) per dimension, -1 where nothing is known."""
    if gold is None:
        return {}
    by_dimension = {"emotion": gold} if isinstance(gold, pd.Series) else gold
    out = {}
    for dimension, said in by_dimension.items():
        index_of = {value: scheme.value_index(dimension, value) for value in said.dropna().unique()}
        out[dimension] = said.map(index_of).reindex(table.index).fillna(-1).to_numpy(dtype=np.int64)
    return out


def class_names(dimension: str, scheme: Scheme) -> tuple[str, ...]:
    """What the classes of a dimension are called: emotions, or a scale's levels in its units."""
    if dimension == "emotion":
        return scheme.classes
    return tuple(f"{centre:g}" for centre in scheme.scale(dimension).centres)


def _of_dimension(
    votes: Votes, dimension: str, scheme: Scheme, truth: NDArray[np.int64] | None
) -> pd.DataFrame:
    did = source_summary(votes, class_names(dimension, scheme) if votes.sources else None)
    unknown = np.full(votes.n_items, -1)
    right = source_accuracy(votes, unknown if truth is None else truth)
    like = nearest(redundancy(votes)).reindex(did.index)
    n_right = (right["accuracy"] * right["n_known"]).round()
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = right["accuracy"] / right["chance"]
    found = pd.DataFrame(
        {
            "j": np.arange(len(did)),
            "Polarity": _polarity(votes),
            "Coverage": did["coverage"],
            "Overlaps": did["overlaps"],
            "Conflicts": did["conflicts"],
            "Correct": n_right.fillna(0).astype(np.int64),
            "Incorrect": (right["n_known"] - n_right.fillna(0)).astype(np.int64),
            "Emp. Acc.": right["accuracy"],
            "on": dimension,
            "n_votes": did["n_votes"],
            "votes_for": did["polarity"],
            "chance": right["chance"],
            "lift": lift,
            "redundant_with": like["other"],
            "phi": like["phi"],
            "same_votes": like["same_votes"],
            "equal": like["equal"],
        }
    )
    found.index.name = "function"
    return found


def _polarity(votes: Votes) -> list[list[Any]]:
    said: list[list[Any]] = [[] for _ in votes.sources]
    n_values = max(len(votes.vocabulary), 1)
    for pair in np.unique(votes.source * n_values + votes.value).tolist():
        j, v = divmod(pair, n_values)
        classes = tuple(sorted(votes.vocabulary[v]))
        said[j].append(classes[0] if len(classes) == 1 else classes)
    return [sorted(one, key=lambda c: c if isinstance(c, tuple) else (c,)) for one in said]

"""A table of votes on its own, without records: who said what of which item."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from annotation.tables import TableError
from annotation.text_columns import Problem, TextColumns, read_columns
from labels.ratings import Ratings
from labels.votes import Votes

ITEM = ("item", "task", "question", "segment", "segment_id", "path", "file")
ANNOTATOR = ("annotator", "worker", "rater", "labeler", "labeller")
VALUE = ("value", "label", "answer")
TRUTH = ("value", "truth", "label", "gold", "answer")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class VoteTable:
    """Votes as read: the last of each annotator on each item, in first-seen order of items.

    `items`, `annotators` and `values` are the distinct texts; `item`, `annotator`, `value`
    (n_votes,) index them. `values` stand in order: as numbers if all are, else as text.
    """

    items: tuple[str, ...]
    annotators: tuple[str, ...]
    values: tuple[str, ...]
    item: Ints
    annotator: Ints
    value: Ints
    n_rows: int
    n_duplicates: int
    problems: tuple[Problem, ...]

    def numbers(self) -> NDArray[np.float64] | None:
        """The values as numbers (n_values,), None if one of them is none."""
        return as_numbers(self.values)

    def counts(self) -> dict[str, int | float]:
        """How much was read, by name: rows, items, annotators, votes."""
        return {
            "n_rows": self.n_rows,
            "n_rows_passed_over": len(self.problems),
            "n_duplicates": self.n_duplicates,
            "n_items": len(self.items),
            "n_annotators": len(self.annotators),
            "n_votes": len(self.item),
            "votes_per_item": len(self.item) / len(self.items),
        }

    def votes(self, classes: Sequence[str] | None = None) -> Votes:
        """As votes for one of `classes` each (default: the values voted for)."""
        names = tuple(classes) if classes is not None else self.values
        place = {name: c for c, name in enumerate(names)}
        of_value = np.array([place[name] for name in self.values], dtype=np.int64)
        return Votes(
            n_items=len(self.items),
            n_classes=len(names),
            sources=self.annotators,
            vocabulary=tuple(frozenset({c}) for c in range(len(names))),
            item=self.item,
            source=self.annotator,
            value=of_value[self.value],
        )

    def ratings(self, *, as_classes: bool) -> Ratings:
        """As ratings: the numbers themselves, or the places of the values as classes."""
        numbers = self.numbers()
        if as_classes or numbers is None:
            numbers = np.arange(len(self.values), dtype=np.float64)
        said = numbers[self.value] if len(self.value) else np.empty(0)
        return Ratings.of(len(self.items), self.annotators, self.item, self.annotator, said)


def read_votes(path: Path, dimension: str | None = None) -> VoteTable:
    """Votes from a CSV, TSV or JSON Lines file with the columns item, annotator, value.

    task/worker/label and question/worker/answer do as well, in any case. Where a column
    `dimension` is there, only the rows that name `dimension` are votes; a column named after the
    dimension may stand for the value. Rows lacking a cell are problems. Raises TableError when a
    column is missing, or no row can be used.
    """
    found = read_columns(path)
    found = _on(path, found, dimension)
    value_names = (*VALUE, dimension.lower()) if dimension else VALUE
    columns = [
        _column(path, found, "item", ITEM),
        _column(path, found, "annotator", ANNOTATOR),
        _column(path, found, "value", value_names),
    ]
    n_rows = len(found.line) + len(found.problems)
    kept, problems = _complete(path, found, columns)
    (items, item), (annotators, annotator), (values, value) = (
        _coded(column.filter(pa.array(kept))) for column in columns
    )
    ordered, value = in_order(values, value)
    standing = _last(item * len(annotators) + annotator)
    return VoteTable(
        items=items,
        annotators=annotators,
        values=ordered,
        item=item[standing],
        annotator=annotator[standing],
        value=value[standing],
        n_rows=n_rows,
        n_duplicates=len(item) - len(standing),
        problems=problems,
    )


def read_gold(path: Path) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """True values by item from a file with the columns item and value (or label, truth, gold).

    The last row of an item counts. Rows lacking a cell are problems. Raises TableError.
    """
    found = read_columns(path)
    columns = [_column(path, found, "item", ITEM), _column(path, found, "true value", TRUTH)]
    kept, problems = _complete(path, found, columns)
    item, truth = (column.filter(pa.array(kept)).to_pylist() for column in columns)
    return dict(zip(item, truth, strict=True)), problems


def as_numbers(values: Sequence[str]) -> NDArray[np.float64] | None:
    """Texts as finite numbers (n,), None if one of them is none or there are none."""
    try:
        numbers = np.array([float(text) for text in values], dtype=np.float64)
    except ValueError:
        return None
    return numbers if len(numbers) and np.isfinite(numbers).all() else None


def in_order(values: tuple[str, ...], value: Ints) -> tuple[tuple[str, ...], Ints]:
    """Values in order (as numbers if all are, else as text), and `value` (n,) as their places."""
    numbers = as_numbers(values)
    keys = values if numbers is None else [*zip(numbers.tolist(), values, strict=True)]
    order = sorted(range(len(values)), key=keys.__getitem__)
    place = np.empty(len(values), dtype=np.int64)
    place[order] = np.arange(len(values))
    return tuple(values[v] for v in order), place[value]


def _on(path: Path, found: TextColumns, dimension: str | None) -> TextColumns:
    """The rows on this dimension, where a column says what each row is on."""
    if "dimension" not in found.columns:
        return found
    named = sorted(pc.unique(found.columns["dimension"]).to_pylist())
    if dimension is None:
        if len(named) == 1:
            return found
        raise TableError(
            f"{path}: votes on several dimensions ({', '.join(named)}); choose one with --dimension"
        )
    if dimension not in named:
        raise TableError(f"{path}: no votes on {dimension!r} (there are: {', '.join(named)})")
    chosen = pc.equal(found.columns["dimension"], dimension)
    return found.keep(chosen.to_numpy(zero_copy_only=False))


def _column(path: Path, found: TextColumns, what: str, names: tuple[str, ...]) -> pa.Array:
    for name in names:
        if name in found.columns:
            return found.columns[name]
    have = ", ".join(found.columns) or "none"
    raise TableError(f"{path}: no column for the {what} ({' or '.join(names)}); found: {have}")


def _complete(
    path: Path, found: TextColumns, columns: list[pa.Array]
) -> tuple[NDArray[np.bool_], tuple[Problem, ...]]:
    """Which rows (n_rows,) have every cell, and the problems of the others, by line."""
    names = ("item", "annotator", "value") if len(columns) == 3 else ("item", "true value")
    empty = np.array([pc.equal(c, "").to_numpy(zero_copy_only=False) for c in columns])
    broken = np.array([pc.match_substring(c, "\n").to_numpy(zero_copy_only=False) for c in columns])
    lacking = (empty | broken).any(axis=0)
    problems = list(found.problems)
    for row in np.flatnonzero(lacking):
        said = [f"no {name}" for name, gone in zip(names, empty[:, row], strict=True) if gone]
        said += [
            f"the {name} runs over several lines: a quotation mark that is not closed?"
            for name, over in zip(names, broken[:, row], strict=True)
            if over
        ]
        problems.append(Problem(int(found.line[row]), " and ".join(said)))
    problems.sort(key=lambda problem: problem.line)
    if not (~lacking).any():
        why = f"; line {problems[0].line}: {problems[0].reason}" if problems else ""
        raise TableError(f"{path}: no row can be used{why}")
    return ~lacking, tuple(problems)


def _coded(column: pa.Array) -> tuple[tuple[str, ...], Ints]:
    """The distinct texts in first-seen order, and each row's place among them."""
    coded = column.dictionary_encode()
    return tuple(coded.dictionary.to_pylist()), coded.indices.to_numpy().astype(np.int64)


def _last(key: Ints) -> Ints:
    """The rows that hold the last of each key, in the rows' order."""
    order = np.argsort(key, kind="stable")
    last = np.append(key[order][1:] != key[order][:-1], True)[: len(order)]
    return np.sort(order[last])

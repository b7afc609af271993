"""Making a batch fit for people out of a ranking: quotas, floors, no near-copies, a budget."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from active_learning.picks import Floats, Ints
from active_learning.rules import Rules
from active_learning.space import Points

_ROUNDS = ("within all rules", "beyond a quota")


@dataclass(frozen=True)
class Batch:
    """`rows` of the pool (n,), and of each a `notes` line: why it was taken out of turn, or ""."""

    rows: Ints
    notes: tuple[str, ...]


def compose(
    ranking: ArrayLike,
    n: int,
    rules: Rules,
    *,
    about: pd.DataFrame,
    points: Points | None = None,
    cost_s: ArrayLike | None = None,
    worth: ArrayLike | None = None,
) -> Batch:
    """The first `n` of a ranking that hold to the rules, or as many as the budget pays for.

    `ranking` are rows of the pool, best first; `about` has a row a clip of the pool, `points` (n,
    d) say where clips lie, `cost_s` (n,) what each takes to hear and judge. `worth` (as long as
    the ranking) are its scores: with costs the ranking is then by worth a second. Floors are
    filled first; where quotas leave places empty they give way, as a note says; copies do not.
    """
    rows = np.asarray(ranking, dtype=np.int64)
    cost = np.ones(len(about)) if cost_s is None else np.asarray(cost_s, dtype=np.float64)
    if worth is not None and cost_s is not None:
        rows = rows[np.argsort(-np.asarray(worth) / np.maximum(cost[rows], 1e-9), kind="stable")]
    choice = _Choice(rules, min(n, len(rows)), about, points, cost)
    for column, share in rules.least.items():
        if column in about:
            choice.fill_floor(rows, column, share)
    for relaxed in _ROUNDS:
        for row in rows:
            choice.take(int(row), strict=relaxed == _ROUNDS[0])
    place = {int(row): i for i, row in enumerate(rows)}
    order = sorted(range(len(choice.rows)), key=lambda i: place[choice.rows[i]])
    return Batch(
        np.array([choice.rows[i] for i in order], dtype=np.int64),
        tuple(choice.notes[i] for i in order),
    )


class _Choice:
    """A batch in the making."""

    def __init__(
        self, rules: Rules, n: int, about: pd.DataFrame, points: Points | None, cost: Floats
    ) -> None:
        self.rules, self.n, self.points, self.cost = rules, n, points, cost
        self.rows: list[int] = []
        self.notes: list[str] = []
        self.spent = 0.0
        self.values = {
            c: about[c].astype(object).where(about[c].notna(), None).to_numpy()
            for c in {*rules.most, *rules.least}
            if c in about
        }
        self.count: dict[str, Counter[object]] = {c: Counter() for c in self.values}
        self.cap = {
            c: _cap(n, share, len({*self.values[c]} - {None}))
            for c, share in rules.most.items()
            if c in self.values
        }
        self.near = 0.0 if points is None else rules.apart * _usual_distance(points)

    def fill_floor(self, rows: Ints, column: str, share: float) -> None:
        """Take of each value the best until it has its share, or there is none left."""
        values = self.values[column]
        for value in sorted({*values[rows]} - {None}, key=str):
            wanted = int(np.floor(share * self.n))
            first = set(rows[: self.n].tolist())
            for row in rows[values[rows] == value]:
                if self.count[column][value] >= wanted:
                    break
                note = "" if int(row) in first else _balances(column, value)
                self.take(int(row), strict=True, note=note)

    def take(self, row: int, *, strict: bool, note: str = "") -> None:
        """Take a row if it is allowed."""
        if len(self.rows) >= self.n or row in self.rows:
            return
        budget = self.rules.budget_s
        if budget is not None and self.spent + self.cost[row] > budget:
            return
        full = [c for c, cap in self.cap.items() if self._has(c, row) >= cap]
        if (strict and full) or self._is_copy(row):
            return
        if full:
            note = (
                f"beyond the quota of {full[0]} {self.values[full[0]][row]}: nothing else is left"
            )
        self.rows.append(row)
        self.notes.append(note)
        self.spent += float(self.cost[row])
        for column, values in self.values.items():
            self.count[column][values[row]] += 1

    def _has(self, column: str, row: int) -> int:
        value = self.values[column][row]
        return -1 if value is None else self.count[column][value]

    def _is_copy(self, row: int) -> bool:
        if self.points is None or not self.near or not self.rows:
            return False
        away = np.linalg.norm(self.points[self.rows] - self.points[row], axis=1)
        return bool(away.min() < self.near)


_GENDERS = {"f": "female", "female": "female", "m": "male", "male": "male"}


def _balances(column: str, value: object) -> str:
    if column == "gender" and str(value).casefold() in _GENDERS:
        return f"balances {_GENDERS[str(value).casefold()]} speakers"
    return f"balances {column} {value}"


def _cap(n: int, share: float, n_values: int) -> int:
    """How many of `n` one of `n_values` may have: no quota can be kept that leaves places empty."""
    possible = share * n_values >= 1
    return int(np.ceil(n * (share if possible else 1.5 / max(1, n_values)) - 1e-9))


def _usual_distance(points: Points) -> float:
    """Root mean square distance of two clips: sqrt(2) times that from the centre."""
    step = points[:: 1 + len(points) // 20_000]
    return float(np.sqrt(2 * step.var(axis=0).sum()))


def predicted(proba: Floats | None, classes: Sequence[str]) -> list[str | None] | None:
    """The likeliest emotion of each clip, for quotas; None without a model."""
    return None if proba is None else [classes[int(c)] for c in proba.argmax(axis=1)]

"""What each annotator tends to say of a class, in three levels: the crowd, an ability, classes.

Most annotators cast few votes. What is not known of one is taken from the crowd: first how often
it is right at all, then which errors it makes, each pulled to what the level above leads one to
expect by as many votes' worth as foretell the votes best. Source: Dawid & Skene 1979 (confusions);
Paun et al. 2018 (hierarchies of annotators); the levels here are shrunk, not sampled.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.confusions import Anchors, estimate
from models.vote_columns import VoteColumns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PULLS = (1.0, 3.0, 8.0, 20.0, 60.0, 400.0, 3_000.0, 20_000.0)
"""Pseudo-votes tried at both levels; the last for annotators who are as their ability says, which
drawn with less would differ more than they do."""
MOST_ERRORS = 0.98
"""An annotator errs at most so often, by ability: worse ones show in their confusions."""
MAX_TRIED_VOTES = 4_000


@dataclass(frozen=True)
class Pulls:
    """Pseudo-votes that pull an annotator's ability to the crowd's, and, per class, its
    confusions to those that its ability leads one to expect."""

    ability: float = 8.0
    classes: float = 8.0


@dataclass(frozen=True)
class Annotators:
    """Expected counts of what annotators said, and what the crowd makes of them.

    `counts` (n_columns, k) is how often each column's vote fell on an item of each class, `mass`
    (n_sources, k) its sum over a source's values, `right` (n_sources,) how much of that was on
    values that allow the class, `pool` (n_values, k) P(value | class) of the crowd.
    """

    columns: VoteColumns
    allowed: NDArray[np.bool_]
    counts: Floats
    mass: Floats
    right: Floats
    pool: Floats

    @classmethod
    def of(
        cls, columns: VoteColumns, counts: Floats, class_mass: Floats, anchors: Anchors
    ) -> "Annotators":
        """From expected counts and how many items each class has (k,)."""
        n_sources, k = len(columns.votes.sources), counts.shape[1]
        everyone = np.zeros(n_sources, dtype=bool)
        pool = estimate(columns, counts, class_mass, everyone, anchors).pool
        allowed = columns.votes.allowed()
        mass = np.zeros((n_sources, k))
        np.add.at(mass, columns.source, counts)
        right = (counts * allowed[columns.value]).sum(axis=1)
        return cls(
            columns, allowed, counts, mass, np.bincount(columns.source, right, n_sources), pool
        )

    def evidence(self, column: Ints, own: Floats, pulls: Pulls) -> Floats:
        """P(vote | class), (n_votes, k), of votes in these columns, each left out of the counts.

        `own` (n_votes, k) is the part that each vote has in them, its item's class.
        """
        said, total = self._others(column, own)
        expected = self._expected(column, own, pulls.ability)
        evidence: Floats = (said + pulls.classes * expected) / (total + pulls.classes)
        return evidence

    def pulls(self, column: Ints, own: Floats) -> Pulls:
        """The pulls that foretell these votes best, each vote by the others of its annotator."""
        some = slice(None, None, max(len(column) // MAX_TRIED_VOTES, 1))
        column, own = column[some], own[some]

        said, total = self._others(column, own)
        found, best = Pulls(), -np.inf
        for ability in PULLS:
            expected = self._expected(column, own, ability)
            for classes in PULLS:
                evidence = (said + classes * expected) / (total + classes)
                foretold = float((own * np.log(np.maximum(evidence, 1e-300))).sum())
                if foretold > best:
                    found, best = Pulls(ability, classes), foretold
        return found

    def drawn(self, pulls: Pulls, rng: np.random.Generator) -> Floats:
        """Annotators as they may be, given their votes: P(value | class) (n_sources, n_values, k).

        Abilities are drawn from their beta, confusions from their Dirichlet posterior.
        """
        n_sources, k = self.mass.shape
        cast, right = self.mass.sum(axis=1), self.right
        as_crowd, base = self._as_crowd(), self._crowd_right()
        wrong = rng.beta(
            np.maximum(cast - right, 0) + pulls.ability * (1 - base) + 1e-3,
            np.maximum(right, 0) + pulls.ability * base + 1e-3,
        )
        usual = np.where(cast > 0, (cast - as_crowd) / np.maximum(cast, 1e-9), 1 - base)
        ratio = (wrong / np.maximum(usual, 1e-9))[:, None, None]
        expected = self.pool * self._factor(ratio, self.allowed)
        said = np.zeros((n_sources, len(self.allowed), k))
        said[self.columns.source, self.columns.value] = self.counts
        drawn = np.maximum(rng.gamma(said + pulls.classes * expected), 1e-12)
        drawn /= drawn.sum(axis=1, keepdims=True)
        return drawn

    def _pool_right(self) -> Floats:
        """(k,) how often the crowd's votes allow the class, by class."""
        return np.minimum((self.pool * self.allowed).sum(axis=0), 1 - 1e-6)

    def _as_crowd(self) -> Floats:
        """(n_sources,) how many of a source's votes would be right, were it the crowd."""
        return self.mass @ self._pool_right()

    def _crowd_right(self) -> float:
        total = self.mass.sum(axis=0)
        return float(total @ self._pool_right() / max(total.sum(), 1e-9))

    def _others(self, column: Ints, own: Floats) -> tuple[Floats, Floats]:
        """Counts of the same value and of all values (n_votes, k), the vote itself left out."""
        said = np.maximum(self.counts[column] - own, 0)
        total = np.maximum(self.mass[self.columns.source[column]] - own, 0)
        return said, total

    def _expected(self, column: Ints, own: Floats, ability: float) -> Floats:
        """P(value | class), (n_votes, k), by an annotator's ability alone, the vote left out."""
        source, value = self.columns.source[column], self.columns.value[column]
        allowed = self.allowed[value]
        right = self.right[source] - (own * allowed).sum(axis=1)
        cast = np.maximum(self.mass.sum(axis=1)[source] - 1, 0)
        as_crowd = self._as_crowd()[source]
        doubt = ability * (1 - self._crowd_right())
        ratio = (cast - right + doubt) / (np.maximum(cast - as_crowd, 0) + doubt)
        return self.pool[value] * self._factor(ratio[:, None], allowed)

    def _factor(self, ratio: Floats, allowed: NDArray[np.bool_]) -> Floats:
        """What the crowd's P(value | class) is multiplied by where errors are `ratio` as often.

        `ratio` (..., 1) and `allowed` (..., k), whether a value allows a class, broadcast.
        """
        errors = 1 - self._pool_right()
        scaled = np.minimum(errors * ratio, MOST_ERRORS)
        factor: Floats = np.where(allowed, (1 - scaled) / (1 - errors), scaled / errors)
        return factor

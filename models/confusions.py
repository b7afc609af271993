"""What a source tends to say given the truth: confusions, shrunk towards those of its kind.

Two kinds of source are told apart. An *annotator* votes on what it is given, so only what it
says carries evidence: P(value | class, it voted). A *labelling function* chooses when to vote, so
a vote itself carries evidence, even of a function that only ever says one thing: P(it votes this
value | class). Sources: Dawid & Skene 1979 (confusions by EM); Snow et al. 2008 and Paun et al.
2018 (sharing strength between annotators); Ratner et al. 2017 (functions that abstain).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.votes import Value, Votes
from models.vote_columns import VoteColumns

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Anchors:
    """What is believed of sources before any vote is seen, and in how many votes' worth.

    A skill s says that a vote for the set A holds the truth with probability
    p(A) + s (1 - p(A)): s = 0 is chance, s = 1 never errs.
    """

    skill: float = 0.6
    source_votes: float = 4.0
    """Pseudo-votes per class that pull an annotator's confusions to the pooled ones."""
    pool_votes: float = 10.0
    """Pseudo-votes per class that pull the pooled confusions to the diagonal."""
    function_votes: float = 20.0
    """Pseudo-votes that pull a function's accuracy to what is believed of functions."""
    function_share: float = 0.5
    """More of them, as a share of the function's votes: a doubt that votes do not remove, for
    functions are not independent and a few of them agreeing in error would carry EM away."""


@dataclass(frozen=True)
class Confusions:
    """Log-evidence of votes: `log_evidence[c, y]` is log P(column c's value | class y).

    For a function it is known up to a constant per column, which posteriors do not see. `pool`
    and `function_pool` (n_values, k) hold the same for annotators and functions never met.
    """

    sources: tuple[str, ...]
    vocabulary: tuple[Value, ...]
    is_function: NDArray[np.bool_]
    source: NDArray[np.int64]
    value: NDArray[np.int64]
    log_evidence: Floats
    pool: Floats
    function_pool: Floats
    prior: Floats
    skill: float

    def evidence(self, columns: VoteColumns) -> Floats:
        """The log-evidence (n_columns, k) of other votes, by the names of their sources.

        An unknown source, or a value that a known source never used, has the pool's confusions.
        """
        votes = columns.votes
        at_source = {name: j for j, name in enumerate(self.sources)}
        at_value = {value: v for v, value in enumerate(self.vocabulary)}
        source = np.array([at_source.get(name, -1) for name in votes.sources], dtype=np.int64)
        value = np.array([at_value.get(said, -1) for said in votes.vocabulary], dtype=np.int64)
        allowed = votes.allowed()[columns.value]
        source, value = source[columns.source], value[columns.value]
        table = implied(allowed, self.prior, self.skill) / self.prior  # of a value nobody used
        as_function = np.where(source >= 0, self.is_function[source], self.is_function.all())
        for kind, pool in ((as_function, self.function_pool), (~as_function, self.pool)):
            in_pool = (value >= 0) & kind
            table[in_pool] = pool[value[in_pool]]
        table = np.log(table)
        keys = self.source * len(self.vocabulary) + self.value
        wanted = np.where((source >= 0) & (value >= 0), source * len(self.vocabulary) + value, -1)
        place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        known = np.flatnonzero(keys[place] == wanted) if len(keys) else place[:0]
        table[known] = self.log_evidence[place[known]]
        return table


def implied(allowed: NDArray[np.bool_], prior: Floats, skill: Floats | float) -> Floats:
    """What a vote says on its face: (n, k) class probabilities after a vote for each set.

    `allowed` (n, k) holds the sets, `prior` (k,) the classes' shares, `skill` one number or (n,).
    """
    share = allowed @ prior
    accuracy = share + skill * (1 - share)
    outside = np.maximum(1 - share, 1e-12)
    inside_weight = (accuracy / np.maximum(share, 1e-12))[:, None]
    outside_weight = ((1 - accuracy) / outside)[:, None]
    return prior * np.where(allowed, inside_weight, outside_weight)


def estimate(
    columns: VoteColumns,
    counts: Floats,
    class_mass: Floats,
    is_function: NDArray[np.bool_],
    anchors: Anchors,
) -> Confusions:
    """Confusions from expected counts: the M-step of a MAP EM.

    `counts` (n_columns, k) is how often each column's vote fell on an item of each class,
    `class_mass` (k,) how many items each class has, `is_function` (n_sources,) the kinds.
    """
    votes = columns.votes
    prior = class_mass / class_mass.sum()
    by_function = is_function[columns.source]
    log_evidence = np.zeros_like(counts)
    pool = _pool(votes, columns.value[~by_function], counts[~by_function], prior, anchors)
    log_evidence[~by_function] = _annotators(
        columns.source[~by_function],
        columns.value[~by_function],
        counts[~by_function],
        pool,
        anchors,
    )
    allowed = votes.allowed()
    log_evidence[by_function], skill = _functions(
        allowed[columns.value[by_function]], counts[by_function], prior, anchors
    )
    return Confusions(
        sources=votes.sources,
        vocabulary=votes.vocabulary,
        is_function=is_function,
        source=columns.source,
        value=columns.value,
        log_evidence=log_evidence,
        pool=pool,
        function_pool=implied(allowed, prior, skill) / prior,
        prior=prior,
        skill=skill,
    )


def _pool(
    votes: Votes, value: NDArray[np.int64], counts: Floats, prior: Floats, anchors: Anchors
) -> Floats:
    """P(value | class) of annotators together: (n_values, k), columns sum to 1."""
    pooled = np.zeros((len(votes.vocabulary), len(prior)))
    np.add.at(pooled, value, counts)
    allowed = votes.allowed()
    said = pooled.sum(axis=1)
    rate = np.where((said > 0) | (allowed.sum(axis=1) == 1), said + 1, 1e-6)
    on_its_face = implied(allowed, prior, anchors.skill) / prior
    expected = rate[:, None] * on_its_face
    expected /= np.maximum(expected.sum(axis=0), 1e-300)
    return (pooled + anchors.pool_votes * expected) / (pooled.sum(axis=0) + anchors.pool_votes)


def _annotators(
    source: NDArray[np.int64],
    value: NDArray[np.int64],
    counts: Floats,
    pool: Floats,
    anchors: Anchors,
) -> Floats:
    if not len(source):
        return counts
    mass = np.zeros((source.max() + 1, counts.shape[1]))
    np.add.at(mass, source, counts)
    pull = anchors.source_votes
    return np.log((counts + pull * pool[value]) / (mass[source] + pull))


def _functions(
    allowed: NDArray[np.bool_], counts: Floats, prior: Floats, anchors: Anchors
) -> tuple[Floats, float]:
    """Log-evidence (n, k) of functions' columns, and the skill that functions have together."""
    if not len(allowed):
        return counts, anchors.skill
    votes = counts.sum(axis=1)
    right = (counts * allowed).sum(axis=1)
    chance = allowed @ prior
    believed = chance + anchors.skill * (1 - chance)
    pull = anchors.function_votes + anchors.function_share * votes
    accuracy = (right + pull * believed) / (votes + pull)
    skill = (accuracy - chance) / np.maximum(1 - chance, 1e-12)
    expected = implied(allowed, prior, skill)
    after = (counts + pull[:, None] * expected) / (votes + pull)[:, None]
    pooled = float(np.average(np.clip(skill, 0.0, 0.99), weights=votes + 1e-9))
    return np.log(np.maximum(after, 1e-300) / prior), pooled

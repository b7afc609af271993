"""What held-out votes say of the label model: whether it foretells votes better than the majority.

Every vote in turn is foretold from the other votes on its item, by confusions that it has not
taught, so that no vote is explained by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.leave_one_out import LeftOut
from models.vote_columns import VoteColumns
from models.vote_em import Floats, temper
from models.vote_order import drawn_items

MAX_ITEMS = 20_000
STRENGTHS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0)


@dataclass(frozen=True)
class Evidence:
    """What the votes themselves say of the label model.

    `label_model` and `majority` are the mean log probability (nats) that each gave to held-out
    votes, `error` the standard error of their difference, `n_votes` how many votes were held
    out: 0 where no item has two.
    """

    label_model: float
    majority: float
    error: float
    n_votes: int

    @property
    def gain(self) -> float:
        """By how many nats a vote the label model foretells votes better than the majority."""
        return self.label_model - self.majority


def weigh(
    columns: VoteColumns,
    is_function: NDArray[np.bool_],
    model: LeftOut,
    *,
    seed: int,
) -> Evidence:
    """Judge the label model on (at most 20,000 items') votes.

    At the design effect that foretells votes best, not the one that foretells the truth: a vote
    repeats the errors of the votes before.
    """
    ours, majority = foretold(columns, is_function, model, seed=seed)
    if not len(ours):
        return Evidence(0.0, 0.0, 0.0, 0)
    return Evidence(
        label_model=float(ours.mean()),
        majority=float(majority.mean()),
        error=float(np.std(ours - majority) / np.sqrt(len(ours))),
        n_votes=len(ours),
    )


def foretold(
    columns: VoteColumns, is_function: NDArray[np.bool_], model: LeftOut, *, seed: int
) -> tuple[Floats, Floats]:
    """Log-probabilities (n_votes,) that the label model and the majority gave to held-out votes.

    The same votes are held out for the same `seed`, whatever the model.
    """
    items = np.sort(drawn_items(columns.votes, max_items=MAX_ITEMS, seed=seed))
    if not len(items):
        return np.empty(0), np.empty(0)
    matrix = columns.matrix[items]
    item = np.repeat(np.arange(len(items)), np.diff(matrix.indptr))
    n_others = (np.diff(matrix.indptr) - 1)[item]
    joint = model.log_joint[items]
    said = model.evidence(columns, matrix, temper(joint, np.ones(len(items)), 0.0))
    column = matrix.indices
    allowed = columns.votes.allowed().astype(float)
    by_function = is_function[columns.source[column]]
    chance = np.exp(said)
    chance[by_function] = allowed[columns.value[column[by_function]]]
    tempered = (
        np.log(np.maximum((temper(joint[item] - said, n_others, rho) * chance).sum(axis=1), 1e-12))
        for rho in STRENGTHS
    )
    ours = max(tempered, key=np.mean)
    return ours, _by_majority(columns, matrix, item, by_function, allowed)


def _by_majority(
    columns: VoteColumns,
    matrix,
    item: NDArray[np.int64],
    by_function: NDArray[np.bool_],
    allowed: Floats,
) -> Floats:
    """Log probability (n_votes,) of each vote, drawn from the (smoothed) others on its item.

    Of a function: that the set it votes for holds the class.
    """
    value = columns.value[matrix.indices]
    share = allowed / allowed.sum(axis=1, keepdims=True)
    others = (matrix @ share[columns.value])[item] - share[value] + 1 / allowed.shape[1]
    could_say = allowed[np.unique(value[~by_function])].sum(axis=0)
    total = np.where(by_function[:, None], 1.0, could_say)
    mass = (others * allowed[value]).sum(axis=1)
    return np.log(np.maximum(mass / (others * total).sum(axis=1), 1e-12))

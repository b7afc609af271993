"""A new clip or another opinion: what each judgement is worth, and when a clip has enough."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from active_learning.picks import Floats, Ints

SETTLED = 0.95


@dataclass(frozen=True)
class Judgement:
    """A judgement to buy: of which clip (`index` into its table), whether it is a `first` one,
    `value`, the expected rise of the chance that the clip's label is right, and why."""

    index: int
    first: bool
    value: float
    reason: str


def value_of_vote(posterior: ArrayLike, reliability: float) -> Floats:
    """By how much one more vote should raise the chance (n,) that the likeliest class is right.

    `posterior` (n, k); `reliability` is how often whoever votes is right, errors going evenly over
    the other classes. 0 where no answer could overturn the label: a vote that changes nothing is
    worth nothing. Raises ValueError for a reliability outside [0, 1].
    Source: Howard 1966, Information Value Theory; in the spirit of Goh & Mueller 2023, ActiveLab.
    """
    if not 0 <= reliability <= 1:
        raise ValueError(f"reliability must lie in [0, 1], not {reliability}")
    p = np.asarray(posterior, dtype=np.float64)
    k = p.shape[1]
    if k < 2:
        return np.zeros(len(p))
    # After answer a: joint with class c is p_c r if c is a, else p_c (1 - r) / (k - 1).
    miss = p * (1 - reliability) / (k - 1)
    after = np.zeros(len(p))
    for answer in range(k):
        joint = miss.copy()
        joint[:, answer] = p[:, answer] * reliability
        after += joint.max(axis=1)
    gain: Floats = np.maximum(after - p.max(axis=1), 0.0)
    return np.where(gain < 1e-12, 0.0, gain)


def is_settled(posterior: ArrayLike, level: float = SETTLED) -> NDArray[np.bool_]:
    """Which clips (n,) need no further vote: their likeliest class is sure to `level`."""
    return np.asarray(np.asarray(posterior).max(axis=1) >= level)


def next_judgements(
    model_proba: ArrayLike,
    posterior: ArrayLike,
    n_votes: ArrayLike,
    n: int,
    *,
    reliability: float,
    model_weight: float = 0.5,
    n_new: int | None = None,
) -> list[Judgement]:
    """The `n` judgements of highest value, first labels and further votes in one list.

    `model_proba` (p, k) is what the model says of clips nobody judged, `posterior` (m, k) the
    label model's of clips with `n_votes` (m,). A clip is judged once in a list. Of clips without a
    vote the model is believed by `model_weight` and a uniform guess by the rest, for a model is a
    rater that was never asked about this clip. Settled clips get no further vote.
    """
    told = np.asarray(model_proba, dtype=np.float64)
    voted, votes = np.asarray(posterior, dtype=np.float64), np.asarray(n_votes, dtype=np.int64)
    believed = model_weight * told + (1 - model_weight) / told.shape[1]
    new = value_of_vote(believed, reliability)
    more = np.where(is_settled(voted), -np.inf, value_of_vote(voted, reliability))
    # Where values are equal the clip that the model is least sure of goes first.
    new_order: Ints = np.lexsort((told.max(axis=1), -new))
    found = [_first(int(i), new[i], told[i]) for i in new_order[: n if n_new is None else n_new]]
    found += [
        _further(int(i), more[i], voted[i], int(votes[i]))
        for i in np.flatnonzero(np.isfinite(more))
    ]
    return sorted(found, key=lambda one: -one.value)[:n]


def _first(index: int, value: float, proba: Floats) -> Judgement:
    reason = f"a first label: the model gives its best guess {proba.max():.2f}, worth {value:+.2f}"
    return Judgement(index, True, float(value), reason)


def _further(index: int, value: float, posterior: Floats, n_votes: int) -> Judgement:
    second, best = np.sort(posterior)[-2:]
    reason = (
        f"another opinion: {n_votes} votes leave it at {best:.2f} against {second:.2f}, "
        f"worth {value:+.2f}"
    )
    return Judgement(index, False, float(value), reason)

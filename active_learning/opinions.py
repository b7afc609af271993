"""A new clip or another opinion: what each judgement is worth, and when a clip has enough."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from active_learning.picks import Floats, Ints

SETTLED = 0.95

DOUBTED = 0.6
"""A label less likely right than this is asked about before any new clip: a wrong label does a
model more harm than one more label does it good (measured in docs/active-learning.md)."""

MODEL_WEIGHT = 0.5
"""How far a model is believed of clips that nobody judged; the rest is a guess."""


USUAL, _PRIOR_VOTES = 0.8, 5.0
"""A rater of whom nothing is known, and how many judgements that is worth."""

_N_ROUNDS = 30

_BELIEFS = np.linspace(1, 0, 9)
"""How far a prior may be believed; wholly where there is no answer to tell by."""


def believed(
    prior: ArrayLike, item: ArrayLike, rater: ArrayLike, value: ArrayLike, n_raters: int
) -> tuple[Floats, Floats]:
    """What raters' answers leave believed of items (m, k), and how often each is right (n_raters,).

    `prior` (m, k) is what was known before, such as soft labels of weak votes; answer a is
    `rater[a]`'s, that item `item[a]` is of class `value[a]`. A rater is right with a chance of
    their own and wrong evenly over the other classes; both sides are found by EM, every rater with
    five answers of somebody who is right 4 times in 5 beside theirs. How far the prior is to be
    believed (prior^b, b from 0 to 1) is averaged over by how likely it makes the answers: soft
    labels surer than they are right would have the raters at fault.
    Source: Dawid & Skene 1979, with one parameter a rater.
    """
    start = np.log(np.maximum(np.asarray(prior, dtype=np.float64), 1e-9))
    items, who, said = (np.asarray(one, dtype=np.int64) for one in (item, rater, value))
    beliefs = _BELIEFS if len(said) else _BELIEFS[:1]
    found = [_joined(b * start, items, who, said, n_raters) for b in beliefs]
    likelihood = np.array([one[2] for one in found])
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    posterior = np.tensordot(weight, np.stack([one[0] for one in found]), 1)
    return posterior, np.tensordot(weight, np.stack([one[1] for one in found]), 1)


def _joined(
    start: Floats, items: Ints, who: Ints, said: Ints, n_raters: int
) -> tuple[Floats, Floats, float]:
    """EM from log-priors (m, k), up to a constant a row: posterior, raters' chances, and the
    log-likelihood of the answers with the raters' own prior."""
    start = start - np.logaddexp.reduce(start, axis=1, keepdims=True)
    k = start.shape[1]
    right = np.full(n_raters, USUAL)
    n = np.bincount(who, minlength=n_raters)
    for _ in range(_N_ROUNDS):
        log_right, log_wrong = np.log(right), np.log((1 - right) / max(k - 1, 1))
        evidence = np.repeat(log_wrong[who][:, None], k, axis=1)
        evidence[np.arange(len(said)), said] = log_right[who]
        joint = start.copy()
        np.add.at(joint, items, evidence)
        total = np.logaddexp.reduce(joint, axis=1)
        posterior = np.exp(joint - total[:, None])
        hits = np.bincount(who, posterior[items, said], n_raters)
        known = _PRIOR_VOTES * (USUAL * log_right + (1 - USUAL) * np.log(1 - right))
        likelihood = float(total.sum() + known.sum())
        right = np.clip((hits + USUAL * _PRIOR_VOTES) / (n + _PRIOR_VOTES), 1 / k, 0.99)
    return posterior, right, likelihood


@dataclass(frozen=True)
class Judgement:
    """A judgement to buy: of which clip (`index` into its table), whether it is a `first` one,
    `value`, the expected rise of the chance that the clip's label is right, and why."""

    index: int
    first: bool
    value: float
    reason: str


def right_after_vote(posterior: ArrayLike, reliability: ArrayLike) -> Floats:
    """The chance (n,) that the likeliest class is right once one more vote is in.

    `posterior` (n, k); `reliability`, one or (n,), is how often whoever votes is right, errors
    going evenly over the other classes. Raises ValueError for a reliability outside [0, 1].
    Source: Howard 1966, Information Value Theory; in the spirit of Goh & Mueller 2023, ActiveLab.
    """
    p = np.asarray(posterior, dtype=np.float64)
    right = np.broadcast_to(np.asarray(reliability, dtype=np.float64), len(p))
    bad = right[~((right >= 0) & (right <= 1))]
    if len(bad):
        raise ValueError(f"reliability must lie in [0, 1], not {bad[0]:g}")
    k = p.shape[1]
    if k < 2:
        return np.ones(len(p))
    # After answer a: joint with class c is p_c r if c is a, else p_c (1 - r) / (k - 1).
    miss = p * (1 - right[:, None]) / (k - 1)
    after = np.zeros(len(p))
    for answer in range(k):
        joint = miss.copy()
        joint[:, answer] = p[:, answer] * right
        after += joint.max(axis=1)
    return after


def value_of_vote(posterior: ArrayLike, reliability: ArrayLike) -> Floats:
    """By how much one more vote should raise the chance (n,) that the likeliest class is right.

    0 where no answer could overturn the label: a vote that changes nothing is worth nothing.
    """
    p = np.asarray(posterior, dtype=np.float64)
    gain: Floats = np.maximum(right_after_vote(p, reliability) - p.max(axis=1), 0.0)
    return np.where(gain < 1e-12, 0.0, gain)


def is_settled(posterior: ArrayLike, level: float = SETTLED) -> NDArray[np.bool_]:
    """Which clips (n,) need no further vote: their likeliest class is sure to `level`."""
    return np.asarray(np.asarray(posterior).max(axis=1) >= level)


def without_vote(model_proba: ArrayLike, model_weight: float = MODEL_WEIGHT) -> Floats:
    """What is believed (n, k) of clips that only the model speaks for."""
    told = np.asarray(model_proba, dtype=np.float64)
    mixed: Floats = model_weight * told + (1 - model_weight) / told.shape[1]
    return mixed


def next_judgements(
    model_proba: ArrayLike,
    posterior: ArrayLike,
    n_votes: ArrayLike,
    n: int,
    *,
    reliability: float,
    further_reliability: ArrayLike | None = None,
    standing: ArrayLike | None = None,
    model_weight: float = MODEL_WEIGHT,
    settled: float = SETTLED,
) -> list[Judgement]:
    """The `n` judgements to buy, first labels and further votes in one list.

    Votes on labels that are `DOUBTED` go first, then whatever is of highest value. `model_proba`
    (p, k) is what the model says of clips nobody judged, `posterior` (m, k) the label model's of
    clips with `n_votes` (m,). A clip is judged once in a list. Of clips without a vote the model
    is believed by `model_weight` and a uniform guess by the rest, for a model is a rater that was
    never asked about this clip. `reliability` is of whoever gives a first label,
    `further_reliability` (m,) of those who could still be asked about each judged clip (default:
    the same). `standing` (m,) is how likely the label that stands is right (default: the
    posterior's best): a clip whose votes leave it without a label has only what would be believed
    of it without a vote. Clips sure to `settled` get no further vote.
    """
    told = np.asarray(model_proba, dtype=np.float64)
    voted, votes = np.asarray(posterior, dtype=np.float64), np.asarray(n_votes, dtype=np.int64)
    new = value_of_vote(without_vote(told, model_weight), reliability)
    asked = reliability if further_reliability is None else further_reliability
    stands = voted.max(axis=1) if standing is None else np.asarray(standing, dtype=np.float64)
    more = np.round(right_after_vote(voted, asked) - stands, 12)
    more[is_settled(voted, settled)] = 0.0
    doubted = set(np.flatnonzero((stands < DOUBTED) & (more > 0)).tolist())
    # Where values are equal the clip that the model is least sure of goes first.
    new_order: Ints = np.lexsort((told.max(axis=1), -new))
    found = [_first(int(i), new[i], told[i]) for i in new_order[:n]]
    found += [_further(int(i), more[i], voted[i], int(votes[i])) for i in np.flatnonzero(more > 0)]
    return sorted(found, key=lambda one: (one.first or one.index not in doubted, -one.value))[:n]


def _first(index: int, value: float, proba: Floats) -> Judgement:
    reason = f"a first label: the model gives its best guess {proba.max():.2f}, worth {value:+.2f}"
    return Judgement(index, True, float(value), reason)


def _further(index: int, value: float, posterior: Floats, n_votes: int) -> Judgement:
    second, best = np.sort(posterior)[-2:]
    votes = "1 vote leaves" if n_votes == 1 else f"{n_votes} votes leave"
    reason = (
        f"another opinion: {votes} it at {best:.2f} against {second:.2f}, "
        f"one more is worth {value:+.2f}"
    )
    return Judgement(index, False, float(value), reason)

"""Whether the doubt lies in the items or in the annotators, found from votes alone.

Votes on one item depend on each other where the item itself is heard now as one class, now as
another; a posterior that takes them for independent is then far too sure. A fit that allows such
items is compared with one that does not, by how much better it explains the votes, and that gain
with what it would be if no item were ambiguous and if many were.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.votes import Votes
from models.confusions import Anchors
from models.mixed_membership import KIND_SHARES, Mixtures, Perceived, perceive
from models.vote_replicas import replica

Floats = NDArray[np.float64]

N_REPLICAS = 3
"""Of each kind; three tell a gain from chance well enough and cost six fits."""
UNAMBIGUOUS = 0.2
"""How likely it is, before any vote is seen, that a crowd's items are of one class each ..."""
AMBIGUOUS = np.linspace(0.2, 1.2, 51)
"""... and how ambiguous they may be else, each as likely."""
MIXED_ROUNDS = 6
LEAST_SPREAD = 5e-4
"""Nats an item by which gains differ anyhow."""
MODEL_ERROR = 0.05
"""How far off what votes show is, however many they are: crowds are of neither kind exactly."""
PURE = np.array([1.0, 0.0, 0.0])


@dataclass(frozen=True)
class Ambiguity:
    """How ambiguous a crowd's items look.

    `shown` is 0 where the votes look as if each item were of one class, 1 where as many were
    mixed as `mixed_membership.KIND_SHARES` says; NaN without power. `power` is by how many
    standard deviations the two would differ. `share` is what to expect after seeing that.
    """

    shown: float
    power: float
    share: float


@dataclass(frozen=True)
class Fits:
    """A crowd's votes explained by items of one class, and by items of several."""

    pure: Perceived
    mixed: Perceived

    @property
    def gain(self) -> float:
        """Nats an item by which mixed items explain the votes better."""
        return float(self._gains.mean())

    @property
    def gain_error(self) -> float:
        """The gain's standard error, items differing as they do."""
        return float(self._gains.std() / np.sqrt(len(self._gains)))

    @property
    def _gains(self) -> Floats:
        return self.mixed.log_likelihood - self.pure.log_likelihood


def fit_both(
    votes: Votes, prior: Floats | None, *, anchors: Anchors, like: Fits | None = None
) -> Fits:
    """Both explanations of a crowd's votes; `prior` (k,) is kept, None learns it.

    The pulls of `like` are kept too where it is given.
    """
    k = votes.n_classes
    pulls = (None, None) if like is None else (like.pure.pulls, like.mixed.pulls)
    pure = perceive(votes, Mixtures.pure(k), prior, anchors=anchors, pulls=pulls[0])
    mixed = perceive(
        votes,
        Mixtures.of(k),
        prior,
        anchors=anchors,
        start=pure.truth,
        pulls=pulls[1],
        max_rounds=MIXED_ROUNDS,
    )
    return Fits(pure, mixed)


def ambiguity(
    votes: Votes, fits: Fits, prior: Floats | None, *, anchors: Anchors, seed: int
) -> Ambiguity:
    """How ambiguous the items of these votes look, by replicas of both kinds."""
    rng = np.random.default_rng(seed)

    def refitted(found: Perceived, shares: Floats) -> list[Fits]:
        drawn = (replica(votes, found, shares, rng) for _ in range(N_REPLICAS))
        return [fit_both(one, prior, anchors=anchors, like=fits) for one in drawn]

    without, with_ = refitted(fits.pure, PURE), refitted(fits.mixed, KIND_SHARES)
    gain_without = float(np.mean([one.gain for one in without]))
    apart = float(np.mean([one.gain for one in with_])) - gain_without
    errors = [one.gain_error for one in (*without, *with_)]
    spread = float(np.sqrt(np.mean(np.square(errors)))) + LEAST_SPREAD
    if apart <= 0:
        return Ambiguity(float("nan"), 0.0, expected(0.0, 0.0))
    shown, power = (fits.gain - gain_without) / apart, apart / spread
    return Ambiguity(float(shown), power, expected(shown, power))


def expected(shown: float, power: float) -> float:
    """The mean ambiguity after seeing `shown` with this power, by Bayes' rule.

    Before it a crowd's items are of one class each with probability 0.2, else from 0.2 to 1.2
    ambiguous, each as likely.
    """
    error = np.hypot(np.sqrt(1 + 1 / N_REPLICAS) / max(power, 1e-3), MODEL_ERROR)
    where = np.append(AMBIGUOUS, 0.0)
    before = np.append(np.full(len(AMBIGUOUS), (1 - UNAMBIGUOUS) / len(AMBIGUOUS)), UNAMBIGUOUS)
    far = ((shown - where) / error) ** 2 / 2
    after = before * np.exp(far.min() - far)
    return float(after @ where / after.sum())

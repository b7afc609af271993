"""Which members answer, and how far a speaker's usual is leaned on: chosen by cross-validation.

All figures are log-losses on held-out speakers, at several numbers of utterances heard of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.calibration import expected_log_loss, fit_temperature

LEVELS = (0, 2, 5, 10, 20, 1000)
"""Utterances heard of a speaker at which the blend is judged; the last stands for all."""

KINDS = {"linear": (1.0, 0.0), "blend": (0.5, 0.5), "network": (0.0, 1.0)}
"""What each kind of model is: shares of the linear members and of the network."""

_LEANINGS = (0.0, 0.25, 0.5, 0.75, 1.0)
_MOST = {0: 0.0, 2: 0.5, 5: 0.5, 10: 0.75}
"""The most that is leaned on the usual of a speaker of whom so little was heard: of nobody there is
none, and what five utterances say depends on which emotions they happen to hold. In equal parts
with the view of features as they are it was never worse than that alone, on nEMO, EMO-DB and from
one to the other; held-out speakers are too few to find that out in every training."""
_WORTH = 0.002


@dataclass(frozen=True)
class Blend:
    """How answers are put together.

    `kind` is one of KINDS; `member_temperature` (b, 3) tempers logistic, discriminant and network
    of each view (as is, normalised) before they are averaged; `leaning` (len(LEVELS),) is the
    share of the normalised view and `temperature` the last temperature at each of LEVELS.
    """

    kind: str
    member_temperature: NDArray[np.float64]
    leaning: NDArray[np.float64]
    temperature: NDArray[np.float64]

    @classmethod
    def blind(cls, kind: str = "blend") -> "Blend":
        """What is taken where there is nobody to hold out."""
        n = len(LEVELS)
        leaning = np.array([0.0] + [0.5] * (n - 1))
        return cls(kind, np.ones((2, 3)), leaning, np.ones(n))

    def at(self, n_heard: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(leaning, temperature) for numbers of utterances heard (n,), between the levels."""
        place, known = np.log1p(np.asarray(n_heard, dtype=np.float64)), np.log1p(LEVELS)
        leaning = np.interp(place, known, self.leaning)
        temperature = np.exp(np.interp(place, known, np.log(self.temperature)))
        return leaning, temperature

    def join(
        self, logits: Sequence[Sequence[NDArray[np.float64]]], n_heard: ArrayLike
    ) -> NDArray[np.float64]:
        """Logits (n, k) from those of every view and member, `logits[view][member]` (n, k)."""
        leaning, temperature = self.at(n_heard)
        views = [
            mixed(parts, temper, self.kind)
            for parts, temper in zip(logits, self.member_temperature, strict=False)
        ]
        joined: NDArray[np.float64] = views[0] + leaning[:, None] * (views[-1] - views[0])
        return joined / temperature[:, None]


def mixed(
    parts: Sequence[NDArray[np.float64]], temperature: NDArray[np.float64], kind: str
) -> NDArray[np.float64]:
    """One view's logits from its logistic, discriminant and network, each at its temperature."""
    linear, network = KINDS[kind]
    shares = (linear / 2, linear / 2, network)
    total = np.zeros_like(parts[0])
    for part, t, share in zip(parts, temperature, shares, strict=True):
        if share:
            total = total + share * part / t
    return total


def choose(
    answers: Mapping[int, Sequence[Sequence[NDArray[np.float64]]]],
    proba: NDArray[np.float64],
    weight: NDArray[np.float64],
    kinds: Sequence[str] = tuple(KINDS),
) -> tuple[Blend, dict[str, float]]:
    """The blend of least log-loss on held-out answers, and each kind's log-loss.

    `answers[level][view][member]` is (h, k), for every one of LEVELS; `proba` (h, k) is the truth
    and `weight` (h,) what it counts. A kind is judged by its mean over LEVELS at its best leaning;
    a linear model is kept unless another is better by .002. Leaning never falls as more is heard.
    """
    tempers = np.ones((2, 3))
    for view, level in ((0, LEVELS[0]), (1, LEVELS[-1])):
        for member, logits in enumerate(next(iter(answers[level][view : view + 1]), ())):
            tempers[view, member] = fit_temperature(logits, proba, weight)
    found = {kind: _leant(answers, proba, weight, tempers, kind) for kind in kinds}
    losses = {kind: round(float(np.mean(one[2])), 4) for kind, one in found.items()}
    best = kinds[0]
    for kind in kinds[1:]:
        if losses[best] - losses[kind] >= _WORTH:
            best = kind
    leaning, temperature, _ = found[best]
    return Blend(best, tempers, leaning, temperature), losses


def _leant(
    answers: Mapping[int, Sequence[Sequence[NDArray[np.float64]]]],
    proba: NDArray[np.float64],
    weight: NDArray[np.float64],
    tempers: NDArray[np.float64],
    kind: str,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(leaning, temperature, log-loss) at each level."""
    leanings, temperatures, losses = [], [], []
    least = 0.0
    for level in LEVELS:
        seen = [
            mixed(parts, temper, kind)
            for parts, temper in zip(answers[level], tempers, strict=False)
        ]
        plain, own = seen[0], seen[-1]
        best = (np.inf, least, 1.0)
        for leaning in _LEANINGS:
            if not least <= leaning <= _MOST.get(level, 1.0):
                continue
            logits = plain + leaning * (own - plain)
            t = fit_temperature(logits, proba, weight)
            best = min(best, (expected_log_loss(logits, proba, weight, t), leaning, t))
        loss, least, t = best
        leanings.append(least)
        temperatures.append(t)
        losses.append(loss)
    return np.array(leanings), np.array(temperatures), np.array(losses)

"""Which members answer, and how far a speaker's usual is leaned on: chosen by cross-validation.

All figures are log-losses on held-out speakers, at several numbers of utterances heard of them.
How sure one may be differs from voice to voice, so a temperature is found for each of them, and
what is said of a new voice is the mean of what would be said at each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.calibration import fit_temperature, log_losses, softmax, temperatures_by

LEVELS = (0, 2, 5, 10, 20, 1000)
"""Utterances heard of a speaker at which the blend is judged; the last stands for all."""

KINDS = {"linear": (1.0, 0.0), "blend": (0.5, 0.5), "network": (0.0, 1.0)}
"""What each kind of model is: shares of the linear members and of the network."""

LISTENING = "listening"
SHARES = {
    **{kind: (linear / 2, linear / 2, network, 0.0) for kind, (linear, network) in KINDS.items()},
    LISTENING: (0.25, 0.25, 0.0, 0.5),
}
"""By kind, the shares of logistic, discriminant, network, and network over frames: LISTENING needs
that one, and there it and the linear members answer in equal parts."""

_LEANINGS = (0.0, 0.25, 0.5, 0.75, 1.0)
_MOST = {0: 0.0, 2: 0.5, 5: 0.5, 10: 0.75}
"""The most that is leaned on the usual of a speaker of whom so little was heard: of nobody there is
none, and what five utterances say depends on which emotions they happen to hold. In equal parts
with the view of features as they are it was never worse than that alone, on nEMO, EMO-DB and from
one to the other; held-out speakers are too few to find that out in every training."""
_WORTH = 0.002
_CLEAR_ERRORS = 1.0
"""Standard errors, over held-out speakers, by which another kind must beat the linear members."""

_OTHER_VOICE = 2.0
"""Where all that was heard is one voice, held-out clips are of that voice too, and one may be far
less sure of another: what their temperature is multiplied by."""

_MOST_TEMPERATURES = 9


@dataclass(frozen=True)
class Blend:
    """How answers are put together.

    `kind` is one of KINDS or LISTENING; `member_temperature` (b, 3) tempers logistic, discriminant
    and network of each view (as is, normalised) before they are averaged, (b, 4) with a network
    over frames; `leaning` (len(LEVELS),) is the
    share of the normalised view and `temperature` (len(LEVELS), g) the last temperatures at each
    of LEVELS, lowest first: a new voice may have any of them.
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
        return cls(kind, np.ones((2, 3)), leaning, np.ones((n, 1)))

    def at(self, n_heard: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Leaning (n,) and temperatures (n, g) for numbers of utterances heard (n,), between the
        levels."""
        place, known = np.log1p(np.asarray(n_heard, dtype=np.float64)), np.log1p(LEVELS)
        logs = np.log(self.temperature).reshape(len(LEVELS), -1)
        leaning = np.interp(place, known, self.leaning)
        temperature = np.exp(np.stack([np.interp(place, known, one) for one in logs.T], axis=-1))
        return leaning, temperature

    def join(
        self, logits: Sequence[Sequence[NDArray[np.float64]]], n_heard: ArrayLike
    ) -> NDArray[np.float64]:
        """Log-probabilities (n, k) from the logits of every view and member,
        `logits[view][member]` (n, k)."""
        temperature = self.at(n_heard)[1]
        joined = self.untempered(logits, n_heard)
        proba = softmax(joined[:, None] / temperature[:, :, None]).mean(axis=1)
        log_proba: NDArray[np.float64] = np.log(np.maximum(proba, 1e-12))
        return log_proba

    def untempered(
        self, logits: Sequence[Sequence[NDArray[np.float64]]], n_heard: ArrayLike
    ) -> NDArray[np.float64]:
        """Logits (n, k) before the last temperature."""
        leaning = self.at(n_heard)[0]
        views = [
            mixed(parts, temper, self.kind)
            for parts, temper in zip(logits, self.member_temperature, strict=False)
        ]
        joined: NDArray[np.float64] = views[0] + leaning[:, None] * (views[-1] - views[0])
        return joined

    def calibrated(
        self,
        answers: Mapping[int, Sequence[Sequence[NDArray[np.float64]]]],
        proba: NDArray[np.float64],
        weight: NDArray[np.float64],
        speakers: NDArray[np.int64],
    ) -> "Blend":
        """The same with its last temperatures fitted on these answers, which are as in `choose`."""
        found = [
            temperatures_by(
                speakers,
                self.untempered(answers[level], np.full(len(weight), level)),
                proba,
                weight,
                most=_MOST_TEMPERATURES,
            )
            for level in LEVELS
        ]
        return replace(self, temperature=np.array(found))


def mixed(
    parts: Sequence[NDArray[np.float64]], temperature: NDArray[np.float64], kind: str
) -> NDArray[np.float64]:
    """One view's logits from its logistic, discriminant and network (and the one over frames),
    each at its temperature."""
    total = np.zeros_like(parts[0])
    for part, t, share in zip(parts, temperature, SHARES[kind][: len(parts)], strict=True):
        if share:
            total = total + share * part / t
    return total


def choose(
    answers: Mapping[int, Sequence[Sequence[NDArray[np.float64]]]],
    proba: NDArray[np.float64],
    weight: NDArray[np.float64],
    kinds: Sequence[str] = tuple(KINDS),
    *,
    speakers: NDArray[np.int64] | None = None,
    one_voice: bool = False,
) -> tuple[Blend, dict[str, float]]:
    """The blend of least log-loss on held-out answers, and each kind's log-loss.

    `answers[level][view][member]` is (h, k), for every one of LEVELS, three members or four;
    `proba` (h, k) is the truth, `weight` (h,) what it counts and `speakers` (h,) numbers who spoke
    (None: everyone once). A kind is judged by its mean over LEVELS at its leaning; the first is
    kept unless another is better by .002 and by more than a standard error over speakers. So is
    the most that may be leaned on a speaker's usual, which never falls as more is heard.
    `one_voice` says that nobody else was heard: then the first of `kinds` answers, and less
    surely.
    """
    tempers = np.ones((2, len(answers[LEVELS[0]][0])))
    for view, level in ((0, LEVELS[0]), (1, LEVELS[-1])):
        for member, logits in enumerate(next(iter(answers[level][view : view + 1]), ())):
            tempers[view, member] = fit_temperature(logits, proba, weight)
    if one_voice:
        kinds = kinds[:1]
    voices = np.arange(len(weight)) if speakers is None else speakers
    found = {kind: _leant(answers, proba, weight, tempers, kind, voices) for kind in kinds}
    best = _clearly_best({kind: one.loss for kind, one in found.items()}, weight, voices)
    plain = Blend(best, tempers, found[best].leaning, np.ones((len(LEVELS), 1)))
    blend = plain.calibrated(answers, proba, weight, voices)
    if one_voice:
        blend = replace(blend, temperature=blend.temperature * _OTHER_VOICE)
    losses = {k: round(float(one.loss @ weight / weight.sum()), 4) for k, one in found.items()}
    return blend, losses


@dataclass(frozen=True)
class _Leant:
    """One kind at its best: `leaning` (levels,), and each row's log-loss (h,), over levels."""

    leaning: NDArray[np.float64]
    loss: NDArray[np.float64]


def _error(gain: NDArray[np.float64], weight: NDArray[np.float64], voices: NDArray[Any]) -> float:
    """The standard error of the weighted mean of gains (h,): over speakers, wider where they are
    few, and no less than over rows."""
    apart = (gain - gain @ weight / weight.sum()) * weight / weight.sum()
    sums = np.bincount(np.unique(voices, return_inverse=True)[1], apart)
    n = len(sums)
    if n < 2:
        return float("inf")
    over_speakers = (1 + 1 / (n - 1)) * np.sqrt((sums**2).sum() * n / (n - 1))
    return float(max(over_speakers, np.sqrt((apart**2).sum())))


def _leant(
    answers: Mapping[int, Sequence[Sequence[NDArray[np.float64]]]],
    proba: NDArray[np.float64],
    weight: NDArray[np.float64],
    tempers: NDArray[np.float64],
    kind: str,
    voices: NDArray[Any],
) -> _Leant:
    leanings, losses = [], np.zeros(len(weight))
    least = 0.0
    for level in LEVELS:
        seen = [
            mixed(parts, temper, kind)
            for parts, temper in zip(answers[level], tempers, strict=False)
        ]
        plain, own = seen[0], seen[-1]
        allowed = [one for one in _LEANINGS if least <= one <= max(_MOST.get(level, 1.0), least)]
        tried = {}
        for leaning in reversed(allowed):
            logits = plain + leaning * (own - plain)
            t = fit_temperature(logits, proba, weight)
            tried[leaning] = log_losses(logits, proba, t)
        least = _clearly_best(tried, weight, voices)
        leanings.append(least)
        losses += tried[least] / len(LEVELS)
    return _Leant(np.array(leanings), losses)


def _clearly_best(
    losses: Mapping[Any, NDArray[np.float64]], weight: NDArray[np.float64], voices: NDArray[Any]
) -> Any:
    """The first of these, unless another's losses (h,) are clearly less: then the least of such."""
    first = next(iter(losses))
    best, least = first, 0.0
    for one, loss in losses.items():
        gain = losses[first] - loss
        mean = float(gain @ weight / weight.sum())
        clear = max(_WORTH, _CLEAR_ERRORS * _error(gain, weight, voices))
        if mean >= clear and mean > least:
            best, least = one, mean
    return best

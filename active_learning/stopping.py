"""When to stop: what another hour of an expert is likely to buy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from active_learning.picks import Floats

_RATES = np.linspace(0.1, 2.0, 39)
_N_DRAWS = 400


@dataclass(frozen=True)
class Prospect:
    """What `hours` more are worth: `gain` in UAR with its interval; NaN where nobody can tell."""

    hours: float
    gain: float
    low: float
    high: float

    def __str__(self) -> str:
        if not np.isfinite(self.gain):
            return "what another hour is worth shows after three rounds with figures"
        span = "another hour" if self.hours == 1 else f"another {self.hours:g} hours"
        return (
            f"{span} is worth about {100 * self.gain:+.1f} UAR "
            f"({100 * self.low:+.1f} to {100 * self.high:+.1f})"
        )


def prospect(
    hours: ArrayLike,
    uar: ArrayLike,
    *,
    n_judged: ArrayLike | None = None,
    changed: float | None = None,
    more: float = 1.0,
    level: float = 0.9,
    seed: int = 0,
) -> Prospect:
    """The gain that `more` hours promise, from the curve so far.

    `hours` (t,) spent up to each round and `uar` (t,) reached; `n_judged` (t,) how many clips each
    figure was measured on. The curve is a - b h^-c with c from .1 to 2; the interval comes of
    fitting it to curves drawn anew about the fit, with the deviation of what is left and of
    measuring on so few clips. Three rounds at different hours are needed.
    `changed` is the share of answers, averaged over emotions, that the last two models give
    differently: no score can move by more than the answers do, so gain and interval are held to
    that share for each so many hours as lie between the two (later hours change less).
    Sources: Figueroa et al. 2012, Predicting sample size required for classification performance;
    Bloodgood & Grove 2013, Analysis of Stopping Active Learning Based on Stabilizing Predictions.
    """
    x, y = np.asarray(hours, dtype=np.float64), np.asarray(uar, dtype=np.float64)
    use = np.isfinite(x) & np.isfinite(y) & (x > 0)
    x, y = x[use], y[use]
    if len(np.unique(x)) < 3:
        return Prospect(more, np.nan, np.nan, np.nan)
    (fitted,), (gain,) = _fit(x, y[None], more)
    left = np.sqrt(np.square(y - fitted).sum() / max(1, len(x) - 2))
    noise = np.full(len(x), left)
    if n_judged is not None:
        n = np.maximum(np.asarray(n_judged, dtype=np.float64)[use], 1)
        noise = np.maximum(noise, np.sqrt(np.clip(fitted * (1 - fitted), 0.01, None) / n))
    rng = np.random.default_rng(seed)
    drawn = _fit(x, fitted + noise * rng.standard_normal((_N_DRAWS, len(x))), more)[1]
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    most = np.inf if changed is None else changed * max(1.0, more / _last_step(x))
    ends = np.clip([gain, min(low, gain), max(high, gain)], -most, most)
    return Prospect(more, *(float(end) for end in ends))


def _last_step(hours: Floats) -> float:
    """Hours between the last two rounds that differ."""
    steps = np.unique(hours)
    return float(steps[-1] - steps[-2])


def _fit(x: Floats, curves: Floats, more: float) -> tuple[Floats, Floats]:
    """Least squares over the rates: the fits (m, t) to curves (m, t) at x, and (m,) their rises."""
    m = len(curves)
    least, rise, fitted = np.full(m, np.inf), np.zeros(m), curves.copy()
    for rate in _RATES:
        power = x**-rate
        centred = power - power.mean()
        slope = np.maximum(-(curves @ centred) / (centred @ centred), 0.0)
        fit = curves.mean(axis=1)[:, None] - slope[:, None] * centred
        loss = np.square(curves - fit).sum(axis=1)
        better = loss < least - 1e-12
        least = np.where(better, loss, least)
        fitted[better] = fit[better]
        rise[better] = slope[better] * (x[-1] ** -rate - (x[-1] + more) ** -rate)
    return fitted, rise


def agreement(before: ArrayLike, now: ArrayLike) -> float:
    """How far two models of one pool agree beyond chance: Cohen's kappa of their answers (n,).

    Above .99 over several rounds further labels hardly change anything.
    Source: Bloodgood & Vijay-Shanker 2009, A Method for Stopping Active Learning Based on
    Stabilizing Predictions.
    """
    a, b = np.asarray(before), np.asarray(now)
    if a.shape != b.shape or not len(a):
        raise ValueError(f"two models' answers must be of one length, not {a.shape} and {b.shape}")
    same = float((a == b).mean())
    chance = sum(float((a == c).mean() * (b == c).mean()) for c in np.union1d(a, b))
    return 1.0 if chance >= 1 else (same - chance) / (1 - chance)


def share_changed(before: ArrayLike, now: ArrayLike) -> float:
    """Share of answers (n,) that a later model gives differently, averaged over what was answered
    before, as UAR averages over emotions."""
    a, b = np.asarray(before), np.asarray(now)
    return float(np.mean([(b[a == c] != c).mean() for c in np.unique(a)]))

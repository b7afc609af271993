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
    drawn: ArrayLike | None = None,
    changed: float | None = None,
    more: float = 1.0,
    level: float = 0.9,
    seed: int = 0,
) -> Prospect:
    """The gain that `more` hours promise, from the curve so far.

    `hours` (t,) spent up to each round and `uar` (t,) reached; `drawn` (m, t) are curves that
    might have been measured as well (of other clips, drawn anew), where such are had. The curve is
    a - b h^-c with c from .1 to 2; the interval comes of fitting it to curves drawn anew about the
    fits, with the deviation of what is left. Three rounds at different hours are needed.
    `changed` is the share of answers, averaged over emotions, that another so many hours change at
    most: no score moves by more than the answers do, nor beyond 1.
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
    about = np.repeat(fitted[None], _N_DRAWS, axis=0)
    if drawn is not None:
        about = _fit(x, np.asarray(drawn, dtype=np.float64)[:, use], more)[0]
    rng = np.random.default_rng(seed)
    rises = _fit(x, about + left * rng.standard_normal(about.shape), more)[1]
    low, high = np.quantile(rises, [(1 - level) / 2, (1 + level) / 2])
    most = min(1 - y[-1], np.inf if changed is None else changed)
    ends = np.clip([gain, min(low, gain), max(high, gain)], -most, most)
    return Prospect(more, *(float(end) for end in ends))


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

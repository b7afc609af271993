"""Why a clip was chosen, in words and figures an expert can check."""

from collections.abc import Callable, Sequence

import numpy as np

from active_learning.picks import Floats, Picks
from active_learning.typical import share_nearest

Reasoner = Callable[[Picks, Floats, Floats | None, Sequence[str]], list[str]]
"""(picks, pool (n, d), what the model says of the picks (n_picks, k) or None, classes) -> lines."""


def reasons(
    strategy: str, picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]
) -> list[str]:
    """One line for each pick; `strategy` is the name of the one that made them."""
    return _REASONERS[strategy](picks, pool, proba, classes)


def _random(
    picks: Picks, pool: Floats, _proba: Floats | None, _classes: Sequence[str]
) -> list[str]:
    return [f"drawn at random from {len(pool)}, for an unbiased look"] * len(picks.indices)


def _margin(picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]) -> list[str]:
    if proba is None or proba.shape[1] < 2:
        return _untaught(picks, pool, proba, classes)
    lines = []
    for row in proba:
        second, first = np.argsort(row, kind="stable")[-2:]
        gap = row[first] - row[second]
        lines.append(f"margin between {classes[first]} and {classes[second]} {gap:.2f}")
    return lines


def _cluster_margin(
    picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]
) -> list[str]:
    if proba is None or proba.shape[1] < 2:
        return _untaught(picks, pool, proba, classes)
    lines = _margin(picks, pool, proba, classes)
    return [f"{line}, of a kind of its own among the doubtful clips" for line in lines]


def _entropy(picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]) -> list[str]:
    if proba is None or proba.shape[1] < 2:
        return _untaught(picks, pool, proba, classes)
    lines = []
    for row, score in zip(proba, picks.scores, strict=True):
        likely = [classes[c] for c in np.argsort(-row, kind="stable")[:3]]
        words = f"{', '.join(likely[:-1])} and {likely[-1]}"
        lines.append(f"undecided between {words}: entropy {score:.0%} of the most there can be")
    return lines


def _least_confidence(
    picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]
) -> list[str]:
    if proba is None:
        return _untaught(picks, pool, proba, classes)
    return [f"best guess {classes[int(row.argmax())]} at only {row.max():.2f}" for row in proba]


def _ranked(picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]) -> list[str]:
    scored = [f"far from what was heard and in doubt: rank score {s:.2f}" for s in picks.scores]
    if proba is None:
        return scored
    guesses = _least_confidence(picks, pool, proba, classes)
    return [f"{line}, {guess}" for line, guess in zip(scored, guesses, strict=True)]


def _typical(
    picks: Picks, pool: Floats, _proba: Floats | None, _classes: Sequence[str]
) -> list[str]:
    counts = np.rint(share_nearest(pool, picks.indices) * len(pool)).astype(int)
    return [
        f"typical of a region of the pool not heard yet ({count} of {len(pool)} clips)"
        for count in counts
    ]


def _untaught(
    picks: Picks, pool: Floats, _proba: Floats | None, _classes: Sequence[str]
) -> list[str]:
    line = f"drawn at random from {len(pool)}: the model knows fewer than two emotions"
    return [line] * len(picks.indices)


_REASONERS: dict[str, Reasoner] = {
    "random": _random,
    "entropy": _entropy,
    "margin": _margin,
    "least-confidence": _least_confidence,
    "ranked-batch": _ranked,
    "cluster-margin": _cluster_margin,
    "typical": _typical,
}

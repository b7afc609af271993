"""Why a clip was chosen, in words and figures an expert can check."""

from collections.abc import Callable, Sequence

import numpy as np

from active_learning.picks import Floats, Picks
from active_learning.typiclust import share_nearest

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


def _typiclust(
    picks: Picks, pool: Floats, _proba: Floats | None, _classes: Sequence[str]
) -> list[str]:
    counts = np.rint(share_nearest(pool, picks.indices) * len(pool)).astype(int)
    return [
        f"typical of a region of the pool not heard yet ({count} of {len(pool)} clips)"
        for count in counts
    ]


def _coverage(
    picks: Picks, pool: Floats, _proba: Floats | None, _classes: Sequence[str]
) -> list[str]:
    counts = np.rint(share_nearest(pool, picks.indices) * len(pool)).astype(int)
    return [
        f"stands for a part of the pool not heard yet ({count} of {len(pool)} clips)"
        for count in counts
    ]


def _variance_reduction(
    picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]
) -> list[str]:
    share = picks.scores / max(float(picks.scores.max()), 1e-300)
    taught = [f"takes {s:.0%} as much doubt off other clips as the batch's best" for s in share]
    if proba is None or proba.shape[1] < 2:
        return taught
    doubt = _margin(picks, pool, proba, classes)
    return [f"{line}; {much}" for line, much in zip(doubt, taught, strict=True)]


def _core_set(
    picks: Picks, _pool: Floats, _proba: Floats | None, _classes: Sequence[str]
) -> list[str]:
    return [
        f"new region of the pool: {s:.1f} away from anything heard"
        if s > 0
        else "the middle of the pool: 0 clips heard yet near it"
        for s in picks.scores
    ]


def _badge(picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]) -> list[str]:
    lines = _margin(picks, pool, proba, classes)
    if proba is None or proba.shape[1] < 2:
        return lines
    moved = [f"would move the model by {s:.2f} where no other pick does" for s in picks.scores]
    return [f"{line}; {much}" for line, much in zip(lines, moved, strict=True)]


def _bald(picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]) -> list[str]:
    if proba is None or proba.shape[1] < 2:
        return _untaught(picks, pool, proba, classes)
    guesses = _least_confidence(picks, pool, proba, classes)
    return [
        f"models of the same labels contradict one another ({s:.1%} of the most); {guess}"
        for s, guess in zip(picks.scores, guesses, strict=True)
    ]


def _expected_error(
    picks: Picks, _pool: Floats, _proba: Floats | None, _classes: Sequence[str]
) -> list[str]:
    return [
        f"expected error on valence, arousal and dominance {np.sqrt(max(s, 0)):.2f}"
        for s in picks.scores
    ]


def _label_disagreement(
    picks: Picks, pool: Floats, proba: Floats | None, classes: Sequence[str]
) -> list[str]:
    if proba is None or not (picks.scores > 0).any():
        return [f"drawn at random from {len(pool)}: no soft label to hold the model against"] * len(
            picks.indices
        )
    return [
        f"the weak label is not {classes[int(row.argmax())]}, of which the model is "
        f"{row.max():.0%} sure: {s:.0%} apart"
        for row, s in zip(proba, picks.scores, strict=True)
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
    "coverage": _coverage,
    "variance-reduction": _variance_reduction,
    "typiclust": _typiclust,
    "core-set": _core_set,
    "badge": _badge,
    "bald": _bald,
    "expected-error": _expected_error,
    "label-disagreement": _label_disagreement,
}

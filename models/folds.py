"""Folds that no speaker straddles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Folds:
    """`of_row` (n,) int: the fold each row is held out in; `by` is "speaker" or "clip"."""

    of_row: NDArray[np.int64]
    n_folds: int
    by: str


def speaker_folds(
    speakers: Sequence[str | None], weight: ArrayLike, *, n_folds: int = 5, seed: int = 0
) -> Folds:
    """Speakers dealt to folds so that the folds weigh about the same.

    `speakers` and `weight` are (n,), weight what a row counts (such as 1 for gold). None or ""
    is a speaker of its own. Fewer weighty speakers than two leave no speaker to hold out: then
    clips are dealt instead and `by` says "clip". Ties are broken by `seed`.
    """
    mass = np.asarray(weight, dtype=np.float64)
    names = [name if name else f"\0row {i}" for i, name in enumerate(speakers)]
    _, group = np.unique(np.asarray(names), return_inverse=True)
    if len(np.unique(group[mass > 0])) < 2:
        group, by = np.arange(len(mass)), "clip"
    else:
        by = "speaker"
    group_mass = np.bincount(group, weights=mass)
    n_used = max(1, min(n_folds, int((group_mass > 0).sum())))
    shuffled = np.random.default_rng(seed).permutation(len(group_mass))
    order = shuffled[np.argsort(-group_mass[shuffled], kind="stable")]
    fold_of_group = np.zeros(len(group_mass), dtype=np.int64)
    if len(group_mass) > 20 * n_used:
        fold_of_group[order] = np.arange(len(order)) % n_used
    else:
        load = np.zeros(n_used)
        for g in order:
            fold_of_group[g] = int(np.argmin(load))
            load[fold_of_group[g]] += group_mass[g] + 1e-9
    return Folds(fold_of_group[group], n_used, by)

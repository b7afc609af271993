"""Confounding: whether who speaks and what they show are nearly the same thing.

Where a corpus has one speaker angry throughout and another sad throughout, a feature against its
speaker's usual says nothing of either: their usual *is* their emotion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

_FEWEST = 5
_NEARLY_ALL = 0.95
_CHANCE = 0.05


@dataclass(frozen=True)
class Confounding:
    """What labels say of speakers: `single` are those who show a single emotion.

    `n_judged` speakers had labels enough to be judged. `is_general` where the single ones are at
    least half of them: then the others, of whom too little is known, are likely the same.
    """

    single: tuple[str, ...]
    n_judged: int

    @property
    def is_general(self) -> bool:
        """Whether no speaker's usual should be trusted."""
        return bool(self.single) and 2 * len(self.single) >= self.n_judged

    def note(self, name_of: Mapping[str, str] | None = None) -> str:
        """One line for a report; "" where every speaker that was judged shows several emotions.

        `name_of` says what people call the speakers.
        """
        if not self.single:
            return ""
        names = sorted((name_of or {}).get(speaker, speaker) for speaker in self.single)
        some = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        said = f"{len(self.single)} of {self.n_judged} speakers show a single emotion ({some})"
        if self.is_general:
            return f"{said}: features are not normalised by speaker, for that would remove it"
        return f"{said}: their features are not normalised by speaker, for that would remove it"


def confounding(labels: ArrayLike, speakers: Sequence[str]) -> Confounding:
    """Which speakers show a single emotion, by labels (n,) int, -1 = not known.

    A speaker is judged from five labels on, and is single when nearly all of them (95 %) are of
    one class though that would be rare (5 % over all speakers judged) if they drew their
    emotions from the whole corpus' shares: ten neutral clips mean nothing in a neutral corpus.
    Raises ValueError where the numbers of labels and speakers differ.
    """
    classes = np.asarray(labels, dtype=np.int64)
    if classes.ndim != 1 or len(classes) != len(speakers):
        raise ValueError(f"labels are {classes.shape}; ({len(speakers)},) is expected")
    known = classes >= 0
    names, row = np.unique(np.asarray(speakers, dtype=str)[known], return_inverse=True)
    if not len(names):
        return Confounding((), 0)
    counts = np.zeros((len(names), int(classes.max()) + 1))
    np.add.at(counts, (row, classes[known]), 1)
    n = counts.sum(axis=1)
    judged = n >= _FEWEST
    # A speaker's share of the corpus is one, however much they said.
    shares = (counts / n[:, None])[judged].mean(axis=0) if judged.any() else counts[0] * np.nan
    by_chance = (shares[None, :] ** counts.max(axis=1)[:, None]).sum(axis=1)
    is_rare = by_chance * max(1, judged.sum()) < _CHANCE
    single = judged & is_rare & (counts.max(axis=1) >= _NEARLY_ALL * n)
    return Confounding(tuple(str(name) for name in names[single]), int(judged.sum()))

"""A labelled corpus as games are played on it: who is the pool, and who is tested on."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rounds.plan import HANDLING_S

_MOST_CHOICES = 1000


@dataclass(frozen=True)
class LabelledCorpus:
    """A corpus whose labels are known: inputs (n, d) normalised by speaker, class indices (n,),
    speakers (n,), segment ids (n,), the names of all classes, and durations (n,) where known."""

    inputs: np.ndarray
    truth: np.ndarray
    speakers: np.ndarray
    segment_ids: np.ndarray
    classes: tuple[str, ...]
    durations_s: np.ndarray | None = None

    def minutes(self, rows: np.ndarray) -> float:
        """What an expert takes to hear and judge these rows once; NaN without durations."""
        if self.durations_s is None:
            return float("nan")
        return float((self.durations_s[rows] + HANDLING_S).sum() / 60)


@dataclass(frozen=True)
class Game:
    """One loop to play: which strategy, which seed, batches of how many, up to how many labels.

    `reliability` is how often the simulated expert is right; `test_share` of the speakers are
    kept for testing where there is no corpus of its own for that.
    """

    strategy: str
    seed: int
    batch: int
    budget: int
    reliability: float = 1.0
    test_share: float = 1 / 3


def check(corpus: LabelledCorpus, test: LabelledCorpus | None = None) -> None:
    """Raises ValueError where there is nothing to learn to tell apart, or to test that on."""
    names = [corpus.classes[c] for c in np.unique(corpus.truth)]
    if len(names) < 2:
        raise ValueError(f"the corpus has one emotion alone ({names[0]}): two are needed to learn")
    if test is None:
        return
    theirs = [test.classes[c] for c in np.unique(test.truth)]
    if len({*names} & {*theirs}) < 2:
        raise ValueError(
            f"corpus and --test share fewer than two emotions ({', '.join(names)} / "
            f"{', '.join(theirs)})"
        )


def n_in_pool(
    corpus: LabelledCorpus, games: Sequence[Game], test: LabelledCorpus | None = None
) -> int:
    """How many clips the smallest pool of these games has."""
    return min(len(sides(corpus, game, test)[0]) for game in games)


def sides(
    corpus: LabelledCorpus, game: Game, test: LabelledCorpus | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows of the pool, test inputs, test truth); no speaker is on both sides."""
    if test is not None:
        return np.arange(len(corpus.truth)), test.inputs, test.truth
    speakers = np.unique(corpus.speakers)
    if len(speakers) < 2:
        raise ValueError("one speaker cannot be on both sides: two or more are needed, or --test")
    n_test = min(max(1, round(len(speakers) * game.test_share)), len(speakers) - 1)
    held = held_out(speakers, n_test, game.seed)
    is_test = np.isin(corpus.speakers, held)
    return np.flatnonzero(~is_test), corpus.inputs[is_test], corpus.truth[is_test]


def held_out(speakers: np.ndarray, n_test: int, seed: int) -> np.ndarray:
    """Who is kept for testing: where there are few choices each comes up once before any does
    twice, so that a few seeds are not the same voices again and again."""
    n_choices = math.comb(len(speakers), n_test)
    if n_choices > _MOST_CHOICES:
        return np.random.default_rng(seed).permutation(speakers)[:n_test]
    choices = list(itertools.combinations(speakers.tolist(), n_test))
    order = np.random.default_rng(0).permutation(n_choices)
    return np.array(choices[order[seed % n_choices]])

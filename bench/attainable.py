"""How much better than random a choice of clips can be at all.

    python bench/attainable.py [--corpus nemo] [--splits 5] [--subsets 200] [--batches 20]
        [--labels 18 90 270]

The ridge model of a round on our features normalised by speaker, two speakers kept out. First,
random subsets of each size: how their UAR spreads, the best of them by the test itself, and what
the best by one test speaker is worth on the other, which nobody but luck can beat from the pool's
side. Then whole curves of batches of 18, each batch the best of so many random ones by somebody who
knows every label of the pool ("pool": log-loss on it) or of the test ("test": its UAR), beside the
default strategy and random.
"""

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# The room active_learning is meant, not the bench of that name beside this file.
HERE = Path(__file__).resolve().parent
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != HERE]

import numpy as np
from scipy.special import softmax

from active_learning.curves import area_under_curve
from active_learning.selection import select
from audio.normalization import by_speaker
from labels.metrics import log_loss, uar
from labels.scheme import Scheme
from models.linear import fit_logistic, said
from rounds.corpus_reading import read_corpus

DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", HERE.parent.parent / "shared" / "data"))
SCHEME = Scheme.default()
BATCH = 18


class Ridge:
    """The logistic member of a round's model."""

    def fit(self, X: np.ndarray, y: np.ndarray, n_classes: int) -> "Ridge":
        self.coefficients = fit_logistic(X, np.eye(n_classes)[y], np.ones(len(X)))
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return softmax(said(self.coefficients, X), axis=1)


class Split:
    """The sides of a game: two speakers for testing, others with every split."""

    def __init__(self, X: np.ndarray, y: np.ndarray, speakers: np.ndarray, split: int) -> None:
        sets = list(itertools.combinations(np.unique(speakers), 2))
        order = np.random.default_rng(0).permutation(len(sets))
        self.voices = sets[order[split % len(sets)]]
        out = np.isin(speakers, self.voices)
        self.X, self.y, self.X_test, self.y_test = X[~out], y[~out], X[out], y[out]
        self.voice, self.k = speakers[out], int(y.max()) + 1

    def taught(self, rows: Sequence[int]) -> Ridge:
        return Ridge().fit(self.X[rows], self.y[rows], self.k)

    def scores(self, model: Ridge) -> list[float]:
        """UAR on the test, and on each of its two voices."""
        proba = model.predict_proba(self.X_test)
        at = [np.ones(len(proba), bool), *(self.voice == one for one in self.voices)]
        return [uar(proba[one], self.y_test[one]) for one in at]


def subsets(splits: list[Split], n_labels: int, n_subsets: int) -> str:
    rows = []
    for i, one in enumerate(splits):
        rng = np.random.default_rng(i)
        drawn = [rng.choice(len(one.X), n_labels, replace=False) for _ in range(n_subsets)]
        found = np.array([one.scores(one.taught(rows)) for rows in drawn])
        mean, best = found.mean(axis=0), found[found.argmax(axis=0)]
        across = (best[1, 2] - mean[2] + best[2, 1] - mean[1]) / 2
        both = np.corrcoef(found[:, 1], found[:, 2])[0, 1]
        rows.append([mean[0], found[:, 0].std(), best[0, 0] - mean[0], across, both])
    mean, spread, best, across, both = np.mean(rows, axis=0)
    return (
        f"{n_labels} labels, {n_subsets} random subsets: UAR {100 * mean:.1f}, deviation "
        f"{100 * spread:.1f}; the best by the test {100 * best:+.1f}; the best by one test voice, "
        f"on the other {100 * across:+.1f} (correlation {both:.2f})"
    )


Choice = Callable[[Split, list[int], Ridge | None, np.random.Generator], list[int]]


def curve(one: Split, choose: Choice, budget: int, seed: int) -> list[float]:
    rng, taken, model, found = np.random.default_rng(seed), [], None, []
    while len(taken) < budget:
        taken = [*taken, *choose(one, taken, model, rng)]
        model = one.taught(taken)
        found.append(one.scores(model)[0])
    return found


def by_chance(one: Split, taken: list[int], _: Ridge | None, rng: np.random.Generator) -> list[int]:
    return rng.choice(np.setdiff1d(np.arange(len(one.X)), taken), BATCH, replace=False).tolist()


def default(
    one: Split, taken: list[int], model: Ridge | None, rng: np.random.Generator
) -> list[int]:
    free = np.setdiff1d(np.arange(len(one.X)), taken)
    seed, classes = int(rng.integers(1_000_000)), [str(c) for c in range(one.k)]
    found = select(model, one.X[free], BATCH, seed=seed, classes=classes, labelled=one.X[taken])
    return free[found.indices].tolist()


def knowing(what: str, n_batches: int) -> Choice:
    """The best of so many random batches, by all labels of the pool or of the test."""

    def worth(one: Split, model: Ridge) -> float:
        if what == "pool":
            return -log_loss(model.predict_proba(one.X), one.y)
        return one.scores(model)[0]

    def choose(
        one: Split, taken: list[int], model: Ridge | None, rng: np.random.Generator
    ) -> list[int]:
        tried = [by_chance(one, taken, model, rng) for _ in range(n_batches)]
        return max(tried, key=lambda rows: worth(one, one.taught([*taken, *rows])))

    return choose


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", default="nemo")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--subsets", type=int, default=200)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--labels", type=int, nargs="+", default=[18, 90, 270])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "undertone")
    asked = parser.parse_args()
    if not (DATA / asked.corpus).is_dir():
        sys.exit(f"{DATA / asked.corpus} is not there")
    read = read_corpus(str(DATA / asked.corpus), SCHEME, folder=asked.cache, n_workers=2)
    X = np.nan_to_num(by_speaker(read.features, read.speakers))
    y = np.unique(read.emotions, return_inverse=True)[1]
    splits = [Split(X, y, np.array(read.speakers), i) for i in range(asked.splits)]
    for n_labels in asked.labels:
        print(subsets(splits, n_labels, asked.subsets), flush=True)
    budget = max(asked.labels)
    n = np.arange(BATCH, budget + 1, BATCH)
    chance = [
        np.mean([area_under_curve(n, curve(one, by_chance, budget, seed)) for seed in range(6)])
        for one in splits
    ]
    print(
        f"to {budget} labels, {asked.splits} splits: random {100 * np.mean(chance):.1f}", flush=True
    )
    ways = {"default": default}
    ways |= {what: knowing(what, asked.batches) for what in ("pool", "test")}
    for name, choose in ways.items():
        areas = [area_under_curve(n, curve(one, choose, budget, 0)) for one in splits]
        gain = 100 * (np.array(areas) - chance)
        print(f"{name}: {gain.mean():+.1f} over random", flush=True)


if __name__ == "__main__":
    main()

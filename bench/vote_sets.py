"""Sets of votes to test aggregation on: real, real made thinner, half real, simulated.

Half real sets have what people truly answered to CREMA-D's clips, cast by simulated annotators who
report it or, by their ability, guess. Everything simulated is seeded.
"""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from labels.votes import Votes

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))
CREMA_CLASSES = {"ANG": 0, "DIS": 1, "FEA": 2, "HAP": 3, "NEU": 4, "SAD": 5}

Set = tuple[Votes, np.ndarray]


def faces() -> Set:
    """Facial sentiment, 4 classes, 27 workers (Zheng et al. 2017)."""
    return _crowd(DATA / "crowd" / "face-sentiment", 4, lambda values: values)


def headlines(*cuts: float) -> Set:
    """Valence of headlines cut into classes, 38 workers (Strapparava & Mihalcea 2007)."""
    edges = np.array(cuts)
    folder = DATA / "crowd" / "affective-text"
    return _crowd(folder, len(cuts) + 1, lambda v: np.searchsorted(edges, v, side="right"))


def crema_answers(modality: str) -> tuple[np.ndarray, np.ndarray]:
    """How often each of 6 emotions was said of CREMA-D's clips (n, 6), and the one meant (n,)."""
    table = pd.read_csv(DATA / "crema-d" / "tabulatedVotes.csv")
    table = table[table.iloc[:, 0].astype(str).str[0] == modality]
    truth = table.fileName.str.split("_").str[2].map(CREMA_CLASSES).to_numpy()
    return table[list("ADFHNS")].to_numpy(), truth


def voices(
    modality: str,
    *,
    n_annotators: int = 300,
    ability: tuple[float, float] = (6, 1.5),
    per_item: int | None = None,
    classes: tuple[int, ...] = (0, 1, 2, 3, 4, 5),
    spammers: float = 0.0,
    n_items: int = 1500,
    seed: int = 0,
) -> Set:
    """CREMA-D's answers (modality 1 voice, 2 face, 3 both) by simulated annotators."""
    rng = np.random.default_rng(seed)
    counts, truth = crema_answers(modality)
    kept = np.isin(truth, classes)
    counts, truth = counts[kept][:, classes], np.searchsorted(classes, truth[kept])
    enough = counts.sum(axis=1) >= 3
    counts, truth = counts[enough], truth[enough]
    some = rng.permutation(len(truth))[:n_items]
    counts, truth = counts[some], truth[some]
    k = len(classes)
    able = np.where(rng.random(n_annotators) < spammers, 0, rng.beta(*ability, n_annotators))
    favourite = rng.integers(0, k, n_annotators)
    work = rng.gamma(0.7, 1, n_annotators) + 1e-3
    rows = []
    for i, count in enumerate(counts):
        said = rng.permutation(np.repeat(np.arange(k), count))[:per_item]
        who = rng.choice(n_annotators, len(said), replace=False, p=work / work.sum())
        guess = np.where(rng.random(len(said)) < 0.5, rng.integers(0, k, len(said)), favourite[who])
        value = np.where(rng.random(len(said)) < able[who], said, guess)
        rows.append(np.column_stack([np.full(len(said), i), who, value]))
    return _set(len(truth), k, n_annotators, *np.concatenate(rows).T, truth)


def simulated(
    n_items: int,
    k: int,
    n_annotators: int,
    per_item: int,
    *,
    ability: tuple[float, float] = (5, 3),
    prior: tuple[float, ...] | None = None,
    spammers: float = 0.0,
    disputed: float = 0.0,
    mistaken: float = 0.0,
    difficulty: float | None = None,
    seed: int = 0,
) -> Set:
    """Annotators who know or guess, of abilities and zeal that differ.

    `disputed` items seem another class to some who vote, `mistaken` ones to nearly all;
    `difficulty` is the deviation of items' log difficulty in GLAD's model (Whitehill et al. 2009).
    """
    rng = np.random.default_rng(seed)
    truth = rng.choice(k, n_items, p=prior)
    other = (truth + rng.integers(1, k, n_items)) % k
    lean = np.where(rng.random(n_items) < disputed, rng.uniform(0.1, 0.7, n_items), 1.0)
    lean[rng.random(n_items) < mistaken] = 0.1
    work = rng.gamma(0.7, 1, n_annotators) + 1e-2
    able = np.where(rng.random(n_annotators) < spammers, 0, rng.beta(*ability, n_annotators))
    item = np.repeat(np.arange(n_items), per_item)
    who = np.concatenate(
        [
            rng.choice(n_annotators, per_item, replace=False, p=work / work.sum())
            for _ in range(n_items)
        ]
    )
    seems = np.where(rng.random(len(item)) < lean[item], truth[item], other[item])
    knows = able[who]
    if difficulty is not None:
        skill = np.log((able + 0.02) / (1.02 - able))[who] + 1.0
        ease = np.exp(rng.normal(0, difficulty, n_items))[item]
        knows = np.clip(2 / (1 + np.exp(-np.maximum(skill, 0) * ease)) - 1, 0, 1)
    value = np.where(rng.random(len(item)) < knows, seems, rng.integers(0, k, len(item)))
    return _set(n_items, k, n_annotators, item, who, value, truth)


def thinned(whole: Set, *, per_item: int | None = None, annotators: float = 1.0) -> Set:
    """At most so many votes an item, and so large a share of the annotators, at random."""
    votes, truth = whole
    rng = np.random.default_rng(0)
    alive = rng.permutation(len(votes.sources)) < annotators * len(votes.sources)
    kept = alive[votes.source]
    if per_item:
        rank = np.where(kept, rng.random(len(kept)), 2.0)
        order = np.lexsort((rank, votes.item))
        item = votes.item[order]
        kept[order] &= np.arange(len(item)) - np.searchsorted(item, item) < per_item
    parts = (votes.item[kept], votes.source[kept], votes.value[kept])
    return _set(votes.n_items, votes.n_classes, len(votes.sources), *parts, truth)


def scattered(whole: Set, votes_each: int) -> Set:
    """Each annotator becomes several, who cast about so many votes each."""
    votes, truth = whole
    rng = np.random.default_rng(0)
    who = np.empty_like(votes.source)
    n_people = 0
    for source in range(len(votes.sources)):
        at = rng.permutation(np.flatnonzero(votes.source == source))
        people = max(1, round(len(at) / votes_each))
        who[at] = n_people + np.arange(len(at)) % people
        n_people += people
    return _set(votes.n_items, votes.n_classes, n_people, votes.item, who, votes.value, truth)


REAL: dict[str, Callable[[], Set]] = {
    "faces": faces,
    "faces, 3 votes": lambda: thinned(faces(), per_item=3),
    "faces, 5 votes": lambda: thinned(faces(), per_item=5),
    "faces, half the workers": lambda: thinned(faces(), annotators=0.5),
    "faces, 20 votes a worker": lambda: scattered(faces(), 20),
    "faces, 5 votes, 15 a worker": lambda: scattered(thinned(faces(), per_item=5), 15),
    "headlines, 2": lambda: headlines(0),
    "headlines, 3": lambda: headlines(-15, 15),
    "headlines, 5": lambda: headlines(-50, -10, 10, 50),
    "headlines, 3, 3 votes": lambda: thinned(headlines(-15, 15), per_item=3),
    "headlines, 3, 20 a worker": lambda: scattered(headlines(-15, 15), 20),
    "headlines, 5, half": lambda: thinned(headlines(-50, -10, 10, 50), annotators=0.5),
    "voices": lambda: voices("1"),
    "voices, 3 votes": lambda: voices("1", per_item=3),
    "voices, a fifth spammers": lambda: voices("1", spammers=0.2, n_annotators=150),
    "voices, low ability": lambda: voices("1", ability=(2, 2), n_annotators=100),
    "voices, fear or sadness": lambda: voices("1", classes=(2, 5), n_annotators=150),
    "faces of CREMA-D": lambda: voices("2"),
    "faces of CREMA-D, 5 votes": lambda: voices("2", per_item=5, n_annotators=800),
    "voice and face": lambda: voices("3"),
    "voice and face, 3 votes": lambda: voices("3", per_item=3),
    "voice and face, 30 % spammers": lambda: voices("3", spammers=0.3, n_annotators=100),
    "voice and face, anger or sadness": lambda: voices("3", classes=(0, 5), per_item=5),
}
"""Real votes, and real answers cast by simulated annotators."""

SIMULATED: dict[str, Callable[[], Set]] = {
    "independent, 2, 10 votes": lambda: simulated(800, 2, 160, 10),
    "independent, 2, 3 votes, 88:12": lambda: simulated(
        3000, 2, 170, 3, ability=(7, 2), prior=(0.88, 0.12)
    ),
    "independent, 4, 5 votes": lambda: simulated(1500, 4, 400, 5),
    "independent, 8, 3 votes": lambda: simulated(1000, 8, 300, 3, ability=(6, 2)),
    "spammers, 4": lambda: simulated(1500, 4, 200, 5, ability=(6, 2), spammers=0.4),
    "difficulty, 2": lambda: simulated(800, 2, 160, 10, difficulty=1.0),
    "difficulty, 5, 3 votes": lambda: simulated(2000, 5, 400, 3, difficulty=1.0),
    "disputed, 2": lambda: simulated(800, 2, 160, 10, ability=(6, 2), disputed=0.4),
    "disputed, 4, 5 votes": lambda: simulated(1500, 4, 400, 5, ability=(6, 2), disputed=0.4),
    "mistaken, 4, 5 votes": lambda: simulated(1500, 4, 400, 5, ability=(6, 2), mistaken=0.15),
    "all of it, 4": lambda: simulated(
        1500, 4, 800, 5, spammers=0.1, disputed=0.3, mistaken=0.1
    ),
}  # fmt: skip


def _crowd(folder: Path, k: int, as_class: Callable[[np.ndarray], np.ndarray]) -> Set:
    answers = pd.read_csv(folder / "answer.csv")
    truth = pd.read_csv(folder / "truth.csv").set_index("question").truth
    item, items = pd.factorize(answers.question)
    who, workers = pd.factorize(answers.worker)
    known = truth.reindex(items)
    classes = np.where(known.isna(), -1, as_class(known.fillna(0).to_numpy()))
    value = as_class(answers.answer.to_numpy())
    return _set(len(items), k, len(workers), item, who, value, classes)


def _set(n_items, k, n_annotators, item, who, value, truth) -> Set:
    names = tuple(f"annotator {j}" for j in range(n_annotators))
    order = np.lexsort((who, item))
    parts = (np.asarray(part, dtype=np.int64)[order] for part in (item, who, value))
    vocabulary = tuple(frozenset({c}) for c in range(k))
    return Votes(n_items, k, names, vocabulary, *parts), np.asarray(truth, dtype=np.int64)

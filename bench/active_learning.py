"""Query strategies beside their peers: what a label is worth, and what choosing costs.

    python bench/active_learning.py [--seeds 20] [--reliability 0.8] [--model own logistic]
        [--strategy default random …] [--games FILE] [--no-scale | --no-curves]

Real speech is read from the folder UNDERTONE_TEST_DATA or <repo>/../shared/data. Our features,
normalised by speaker; the model that a round trains ("own"), or a logistic one (C = 0.1); whole
speakers kept out of the pool, others with every seed; modAL and scikit-activeml in the same games.
Peers come with `pip install -e '.[bench]'`.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "2")
# The room of the same name is meant, not this file.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import numpy as np
import pandas as pd
import torch
from modAL.batch import uncertainty_batch_sampling
from modAL.models import ActiveLearner
from sklearn.linear_model import LogisticRegression

from active_learning.curves import area_under_curve, labels_to_reach, paired_difference
from active_learning.selection import Untaught
from active_learning.strategies import OWN_START, STRATEGIES
from audio.normalization import by_speaker
from labels.metrics import uar
from labels.scheme import Scheme
from labels.simulation import SimulatedExpert
from models.classifier import EmotionClassifier
from reports.certainty import counts, recall_interval
from rounds.corpus_reading import read_corpus
from rounds.simulation import MODEL_KIND

try:
    from skactiveml import pool as peers
    from skactiveml.classifier import SklearnClassifier
except ImportError:
    peers = None

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))
SCHEME = Scheme.default()
MODAL, SKACTIVEML = "modAL ranked batch", "scikit-activeml "
OURS = ("default", "random", "margin", "ranked-batch", "cluster-margin", "badge", "coverage")
MODELS = ("own", "logistic")
Chooser = Callable[[ActiveLearner, np.ndarray, int, int], np.ndarray]


@dataclass(frozen=True)
class Speech:
    """A corpus as games are played on it: 3 labels a class a batch, up to a third of the pool."""

    name: str
    X: np.ndarray
    y: np.ndarray
    speakers: np.ndarray
    ids: tuple[str, ...]
    batch: int
    budget: int
    n_out: int

    def held_out(self, seed: int) -> np.ndarray:
        """Which rows are of the speakers that seed keeps for testing."""
        sets = list(itertools.combinations(np.unique(self.speakers), self.n_out))
        order = np.random.default_rng(0).permutation(len(sets))
        return np.isin(self.speakers, sets[order[seed % len(sets)]])


def speech(name: str, cache: Path, batch: int, budget: int, n_out: int) -> Speech:
    read = read_corpus(str(DATA / name), SCHEME, folder=cache, n_workers=2)
    X = np.nan_to_num(by_speaker(read.features, read.speakers))
    emotions, speakers = np.array([SCHEME.class_index(e) for e in read.emotions]), read.speakers
    uris = tuple(read.about["uri"])
    return Speech(name, X, emotions, np.array(speakers), uris, batch, budget, n_out)


def own(name: str) -> Chooser:
    return lambda learner, X, n, seed: STRATEGIES[name](learner, X, n, seed=seed).indices


def modal(learner: ActiveLearner, X: np.ndarray, n: int, seed: int) -> np.ndarray:  # noqa: ARG001
    return uncertainty_batch_sampling(learner, X, n_instances=n)[0]


def skactiveml(name: str) -> Chooser:
    """A strategy of scikit-activeml on the same model, labels and pool."""

    def choose(learner: ActiveLearner, X: np.ndarray, n: int, seed: int) -> np.ndarray:
        heard, said = learner.X_training, learner.y_training
        features = np.concatenate([heard, X])
        y = np.concatenate([said.astype(float), np.full(len(X), np.nan)])
        clf = SklearnClassifier(model(), classes=np.unique(said).astype(float))
        kind = {"badge": peers.Badge, "core set": peers.CoreSet, "typiclust": peers.TypiClust}
        if name == "margin":
            query = peers.UncertaintySampling(method="margin_sampling", random_state=seed)
        else:
            query = kind[name](random_state=seed)
        extra = {"clf": clf, "fit_clf": True} if name in ("margin", "badge") else {}
        picks = query.query(X=features, y=y, batch_size=n, **extra)
        return np.asarray(picks) - len(heard)

    return choose


def choosers() -> dict[str, Chooser]:
    found: dict[str, Chooser] = {name: own(name) for name in OURS} | {MODAL: modal}
    if peers is not None:
        found |= {SKACTIVEML + name: skactiveml(name) for name in ("margin", "badge", "typiclust")}
    return found


def model() -> LogisticRegression:
    return LogisticRegression(C=0.1, max_iter=300)


def taught(kind: str, X: np.ndarray, y: np.ndarray, speakers: np.ndarray, seed: int) -> Any:
    """The model of a game: the one that a round trains, or the logistic one."""
    if kind == "logistic":
        return model().fit(X, y)
    return EmotionClassifier(seed=seed, kind=MODEL_KIND).fit(X, y, speakers=speakers.tolist())


def play(one: Speech, name: str, seed: int, reliability: float, kind: str) -> dict[str, Any]:
    """A game: its curve (n_labels, UAR), the score with all labels right, seconds of choosing."""
    choose, out = choosers()[name], one.held_out(seed)
    X, truth, X_test, y_test = one.X[~out], one.y[~out], one.X[out], one.y[out]
    speakers = one.speakers[~out]
    expert = SimulatedExpert(SCHEME, reliability=reliability, seed=seed)
    ids = [i for i, gone in zip(one.ids, out, strict=True) if not gone]
    said = truth
    if reliability < 1:
        told = [
            expert.judge(i, {"emotion": SCHEME.classes[c]}) for i, c in zip(ids, truth, strict=True)
        ]
        said = np.array([SCHEME.class_index(answer["emotion"]) for answer in told])
    taken: list[int] = []
    learner, curve, cpu_s = ActiveLearner(Untaught()), [], 0.0
    while len(taken) < one.budget:
        free = np.setdiff1d(np.arange(len(X)), taken)
        n = min(one.batch, one.budget - len(taken))
        if not taken and name not in OWN_START:
            new = np.random.default_rng(seed).choice(len(free), n, replace=False)
        else:
            began = time.process_time()
            new = choose(learner, X[free], n, seed * 1000 + len(taken))
            cpu_s += time.process_time() - began
        taken += free[new].tolist()
        if len(np.unique(said[taken])) > 1:
            learner = ActiveLearner(taught(kind, X[taken], said[taken], speakers[taken], seed))
        learner.X_training, learner.y_training = X[taken], said[taken]
        curve.append((len(taken), score(learner, X_test, y_test)))
    whole = taught(kind, X, truth, speakers, seed)
    counts, scores = zip(*curve, strict=True)
    return {"strategy": name, "seed": seed, "n": counts, "uar": scores, "cpu_s": cpu_s,
            "whole": score(whole, X_test, y_test)}  # fmt: skip


def score(fitted: Any, X: np.ndarray, y: np.ndarray) -> float:
    if isinstance(fitted, ActiveLearner) and isinstance(fitted.estimator, Untaught):
        return uar(np.full(len(y), fitted.y_training[0]), y)  # one emotion is all it was taught
    return uar(fitted.predict(X), y)


def _play(job: tuple[Speech, str, int, float, str]) -> dict[str, Any]:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    return play(*job)


def played(
    one: Speech,
    names: list[str],
    n_seeds: int,
    reliability: float,
    kind: str,
    n_workers: int,
    kept: Path | None,
) -> pd.DataFrame:
    """A row a game. Those in the file `kept` are not played again, and new ones go there as they
    end, so that a run of hours can be broken off and gone on with."""
    shape = [one.name, one.batch, one.budget, one.n_out, kind, reliability]
    lines = kept.read_text().splitlines() if kept and kept.is_file() else []
    known = [row["game"] for row in map(json.loads, lines) if row["shape"] == shape]
    done = {(game["strategy"], game["seed"]): game for game in known}
    asked = list(itertools.product(names, range(n_seeds)))
    # Seed by seed, so that what is there at any time can be compared.
    left = sorted((key for key in asked if key not in done), key=lambda key: key[1])
    jobs = [(one, name, seed, reliability, kind) for name, seed in left]
    with multiprocessing.get_context("spawn").Pool(n_workers) as processes:
        for n, game in enumerate(processes.imap_unordered(_play, jobs), start=1):
            done[game["strategy"], game["seed"]] = game
            print(f"\r{one.name}: {n} of {len(jobs)} games", end="", file=sys.stderr)
            if kept:
                with kept.open("a") as file:
                    file.write(json.dumps({"shape": shape, "game": game}) + "\n")
    return pd.DataFrame([done[key] for key in asked])


def curves(one: Speech, games: pd.DataFrame, reliability: float, kind: str) -> pd.DataFrame:
    """A row a strategy: area, paired differences with 95 % intervals, labels needed, start."""
    games["area"] = [area_under_curve(g.n, g.uar) for g in games.itertuples()]
    games["start"] = [u[0] for u in games["uar"]]
    whole, n_seeds = games["whole"].mean(), games["seed"].nunique()
    by = {name: g.sort_values("seed") for name, g in games.groupby("strategy", sort=False)}
    rows = []
    for name, own_games in by.items():
        mean = np.mean(np.stack(list(own_games["uar"])), axis=0)
        counts = own_games["n"].iloc[0]
        row: dict[str, Any] = {"strategy": name, "area": f"{100 * own_games['area'].mean():.1f}"}
        for other, column in (("random", "over random"), (MODAL, "over modAL")):
            if other in by:
                row[column] = difference(own_games["area"], by[other]["area"])
        row["start"] = f"{100 * mean[0]:.1f}"
        row["start over random"] = difference(own_games["start"], by["random"]["start"])
        for share in (0.9, 0.95):
            needed = labels_to_reach(counts, mean, share * whole)
            row[f"labels to {share:.0%}"] = "never" if np.isnan(needed) else f"{needed:.0f}"
        row["end"] = f"{100 * mean[-1]:.1f}"
        row["CPU ms a batch"] = f"{1000 * own_games['cpu_s'].mean() / len(counts):.0f}"
        rows.append(row)
    print(f"\n{one.name}, {kind} model: batches of {one.batch} to {one.budget}, {n_seeds} seeds, "
          f"{one.n_out} of {len(np.unique(one.speakers))} speakers kept out, expert right "
          f"{reliability:.0%}, all labels {100 * whole:.1f}")  # fmt: skip
    return pd.DataFrame(rows)


def difference(ours: pd.Series, theirs: pd.Series) -> str:
    found = paired_difference(100 * ours.to_numpy(), 100 * theirs.to_numpy())
    return f"{found.mean:+.1f} ({found.low:+.1f}..{found.high:+.1f})"


def slice_coverage(one: Speech, n_runs: int = 100, n_slice: int = 60) -> None:
    """How often the interval of a random slice of new speakers covers their UAR."""
    hits, gaps = 0, []
    for run in range(n_runs):
        out, rng = one.held_out(run), np.random.default_rng(run)
        heard = rng.choice(np.flatnonzero(~out), one.budget // 2, replace=False)
        proba = np.zeros((out.sum(), len(SCHEME.classes)))
        fitted = model().fit(one.X[heard], one.y[heard])
        proba[:, fitted.classes_] = fitted.predict_proba(one.X[out])
        truth, drawn = one.y[out], rng.choice(out.sum(), min(n_slice, out.sum()), replace=False)
        low, high = recall_interval(counts(truth[drawn], proba[drawn]), seed=run)
        hits += low <= uar(proba, truth) <= high
        gaps.append(uar(proba[drawn], truth[drawn]) - uar(proba, truth))
    print(f"\n{one.name}, random slice of {n_slice}: the 95 % interval of UAR covers that of all "
          f"in {hits} of {n_runs} runs; mean error {100 * np.mean(gaps):+.2f} points "
          f"(standard error {100 * np.std(gaps) / np.sqrt(n_runs):.2f})")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--reliability", type=float, nargs="+", default=[1.0, 0.8])
    parser.add_argument("--model", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--strategy", nargs="+", choices=[*choosers()], default=[*choosers()])
    parser.add_argument("--corpus", nargs="+", default=["nemo", "emodb"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "undertone")
    parser.add_argument("--games", type=Path, help="finished games: kept there, not played again")
    parser.add_argument("--no-scale", action="store_true")
    parser.add_argument("--no-curves", action="store_true")
    asked = parser.parse_args()
    if peers is None:
        print("scikit-activeml is not installed: pip install -e '.[bench]'")
    if not asked.no_scale:
        scale = Path(__file__).with_name("query_scale.py")
        subprocess.run([sys.executable, scale], check=True)
    shapes = {"nemo": (18, 522, 2), "emodb": (12, 84, 3)}
    for name in () if asked.no_curves else asked.corpus:
        if not (DATA / name).is_dir():
            print(f"{DATA / name} is not there: left out")
            continue
        one = speech(name, asked.cache, *shapes[name])
        slice_coverage(one)
        for kind, reliability in itertools.product(asked.model, asked.reliability):
            names = list(dict.fromkeys(["random", *asked.strategy]))
            games = played(one, names, asked.seeds, reliability, kind, asked.workers, asked.games)
            table = curves(one, games, reliability, kind)
            print(table.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()

"""The label model beside its peers: accuracy, honesty, speed and memory, one table per set.

    python bench/label_model.py [--no-scale] [--seconds 25]

Real votes are read from the folder UNDERTONE_TEST_DATA or <repo>/../shared/data. Peers come with
`pip install -e '.[bench]'`. Each method runs in a process of its own; memory is what it added.
"""

import argparse
import multiprocessing
import os
import resource
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import torch
from vote_sets import DATA, crema_answers, faces

from labels.majority import majority_share
from labels.metrics import log_loss, scores
from labels.votes import Votes
from models.aggregation import aggregate
from models.label_model import LabelModel

try:
    from crowdkit import aggregation as crowdkit
except ImportError:
    crowdkit = None

N_GOLD_DRAWS = 5
N_EPOCHS = 200
"""Steps of the optimiser in the fits by moments, Snorkel's and ours."""
FITTED_MU: list[np.ndarray] = []
"""What the fit by moments in this process found."""


@dataclass(frozen=True)
class Case:
    """A set of votes with its truth (-1 = unknown), a stated class balance, and its bars."""

    name: str
    votes: Votes
    truth: np.ndarray
    balance: str | None = None
    bars: str = ""


def face_sentiment() -> Case:
    return Case("face-sentiment", *faces(), None, "accuracy .650, log-loss .90, with gold .86")


def crema(modality: str, name: str, bars: str) -> Case:
    counts, truth = crema_answers(modality)
    item, value = np.nonzero(counts)
    item, value = (np.repeat(part, counts[item, value]) for part in (item, value))
    rank = pd.Series(item).groupby(item).cumcount().to_numpy()
    order = np.lexsort((rank, item))
    nobody = np.zeros(len(item), dtype=np.int64)  # the corpus does not say who voted
    votes = Votes(len(truth), 6, ("crowd",), singles(6), item[order], nobody, value[order])
    return Case(name, votes, truth, "uniform", bars)


def synthetic(n_items: int, n_sources: int, k: int, coverage: float, name: str) -> Case:
    """Independent sources, accuracies from .35 to .8 above even errors; classes equally common."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, k, n_items)
    items, sources, values = [], [], []
    for j, skill in enumerate(np.linspace(0.25, 0.75, n_sources)):
        item = np.flatnonzero(rng.random(n_items) < coverage).astype(np.int32)
        knows = rng.random(len(item)) < skill
        items.append(item)
        sources.append(np.full(len(item), j, dtype=np.int16))
        values.append(np.where(knows, truth[item], rng.integers(0, k, len(item))).astype(np.int8))
    item = np.concatenate(items)
    order = np.argsort(item, kind="stable")
    columns = [np.concatenate(part)[order].astype(np.int64) for part in (items, sources, values)]
    names = tuple(f"function_{j}" for j in range(n_sources))
    return Case(name, Votes(n_items, k, names, singles(k), *columns), truth)


def sparse_annotators(n_items: int, n_annotators: int, per_item: int, k: int) -> Case:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, k, n_items)
    item = np.repeat(np.arange(n_items), per_item)
    source = rng.integers(0, n_annotators, len(item))
    knows = rng.random(len(item)) < rng.beta(4, 3, n_annotators)[source]
    value = np.where(knows, truth[item], rng.integers(0, k, len(item)))
    names = tuple(f"annotator_{j}" for j in range(n_annotators))
    name = f"{n_items:,} items x {n_annotators:,} annotators x {per_item} votes"
    return Case(name, Votes(n_items, k, names, singles(k), item, source, value), truth)


def singles(k: int) -> tuple[frozenset[int], ...]:
    return tuple(frozenset({c}) for c in range(k))


def ours(case: Case) -> np.ndarray:
    return aggregate(case.votes, class_balance=case.balance).proba


def with_gold(case: Case) -> np.ndarray:
    """Log-losses only: the mean over draws of 50 gold labels, on the other items."""
    losses = []
    for draw in range(N_GOLD_DRAWS):
        known = np.random.default_rng(draw).permutation(np.flatnonzero(case.truth >= 0))
        at, rest = known[:50], known[50:]
        gold = (at, case.truth[at])
        proba = aggregate(case.votes, class_balance=case.balance, gold=gold, seed=draw).proba
        losses.append(log_loss(proba[rest], case.truth[rest]))
    return np.array(losses)


def raw_posterior(case: Case) -> np.ndarray:
    model = LabelModel(case.votes.n_classes)
    model.fit(case.votes, class_balance=case.balance)
    return model.predict_proba(case.votes)


def majority(case: Case) -> np.ndarray:
    return majority_share(case.votes)


def snorkel(case: Case) -> np.ndarray:
    from snorkel.labeling.model import LabelModel as Stock

    if len(case.votes.sources) < 3:
        raise ValueError("needs 3 sources")
    if len(case.votes.sources) * case.votes.n_classes > 300:
        raise ValueError("too many sources for its dense arrays")
    matrix = case.votes.to_dense()
    model = Stock(case.votes.n_classes, verbose=False)
    model.fit(matrix, seed=0, n_epochs=N_EPOCHS, progress_bar=False)
    FITTED_MU.append(model.mu.detach().numpy())
    return model.predict_proba(matrix)


def moments(case: Case) -> np.ndarray:
    """Snorkel's own fit, as our label model does it, with the settings of `snorkel` above."""
    model = LabelModel(case.votes.n_classes, verbose=False)
    model.fit(case.votes, fit_method="moments", seed=0, n_epochs=N_EPOCHS)
    FITTED_MU.append(model.mu.detach().numpy())
    return model.predict_proba(case.votes)


def m_msr(case: Case) -> np.ndarray:
    """crowd-kit's M-MSR, which gives labels alone: stated here with probability .999."""
    if crowdkit is None:
        raise ValueError("crowd-kit is not installed")
    votes = case.votes
    names = np.array(votes.sources, dtype=object)
    table = pd.DataFrame({"task": votes.item, "worker": names[votes.source], "label": votes.value})
    labels = crowdkit.MMSR(random_state=0).fit_predict(table).reindex(range(votes.n_items))
    sure = np.full((votes.n_items, votes.n_classes), 0.001 / max(votes.n_classes - 1, 1))
    known = np.flatnonzero(labels.notna())
    sure[known, labels.to_numpy()[known].astype(int)] = 0.999
    return sure


def peer(name: str) -> Callable[[Case], np.ndarray]:
    """A crowd-kit aggregator by its class's name."""

    def run(case: Case) -> np.ndarray:
        if crowdkit is None:
            raise ValueError("crowd-kit is not installed")
        votes = case.votes
        names = np.array(votes.sources, dtype=object)
        table = pd.DataFrame(
            {"task": votes.item, "worker": names[votes.source], "label": votes.value}
        )
        random = {"random_state": 0} if name == "MACE" else {}
        found = getattr(crowdkit, name)(**random).fit_predict_proba(table)
        proba = found.reindex(index=range(votes.n_items), columns=range(votes.n_classes))
        return proba.fillna(0).to_numpy() + 1e-12

    return run


METHODS: dict[str, Callable[[Case], np.ndarray]] = {
    "ours": ours,
    "ours, 50 gold": with_gold,
    "ours, raw posterior": raw_posterior,
    "majority share + 1": majority,
    "Dawid-Skene": peer("DawidSkene"),
    "one-coin": peer("OneCoinDawidSkene"),
    "GLAD": peer("GLAD"),
    "MACE": peer("MACE"),
    "M-MSR (labels only)": m_msr,
    "Wawa": peer("Wawa"),
    "ours, moments": moments,
    "stock Snorkel": snorkel,
}
AT_SCALE = (
    "ours",
    "ours, raw posterior",
    "ours, moments",
    "majority share + 1",
    "Dawid-Skene",
    "stock Snorkel",
)


def measure(method: str, case: Case, out: Any) -> None:
    """In a process of its own: send what the method scored, or one line why it did not."""
    warnings.simplefilter("ignore")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    try:
        answer = METHODS[method](case)
    except Exception as error:
        out.send(" ".join(str(error).split())[:60])
        return
    seconds = time.perf_counter() - start
    added_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if answer.ndim == 1:
        told = {"log_loss": float(answer.mean())}
    else:
        told = scores(answer / answer.sum(axis=1, keepdims=True), case.truth)
    mu = FITTED_MU[-1] if FITTED_MU else None
    out.send(told | {"seconds": seconds, "added_mb": added_mb, "mu": mu})


def table(case: Case, methods: tuple[str, ...], limit_s: float) -> None:
    votes = case.votes
    print(
        f"\n{case.name}: {votes.n_items:,} items, {len(votes.sources):,} sources, "
        f"{len(votes.item):,} votes, {votes.n_classes} classes"
        + (f", {case.balance} class balance stated" if case.balance else "")
    )
    if case.bars:
        print(f"  bars: {case.bars}")
    print("                         accuracy  macro-F1  log-loss   Brier     ECE  seconds      MB")
    context = multiprocessing.get_context("fork")
    found: dict[str, dict[str, Any]] = {}
    for method in methods:
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=measure, args=(method, case, send))
        process.start()
        told = receive.recv() if receive.poll(limit_s) else f"not done in {limit_s:g} s"
        process.kill()
        process.join()
        if isinstance(told, str):
            print(f"  {method:22s} {told}")
            continue
        found[method] = told
        cells = [told.get(name) for name in ("accuracy", "macro_f1", "log_loss", "brier", "ece")]
        shown = "  ".join("       -" if x is None else f"{x:8.3f}" for x in cells)
        print(f"  {method:20s} {shown} {told['seconds']:8.2f} {told['added_mb']:7.0f}", flush=True)
    _beside_snorkel(found)


def _beside_snorkel(found: dict[str, dict[str, Any]]) -> None:
    """How near the fit by moments is to stock Snorkel's, and what our ways cost of its time."""
    stock = found.get("stock Snorkel")
    if stock is None:
        return
    if "ours, moments" in found:
        apart = np.abs(found["ours, moments"]["mu"] - stock["mu"]).max()
        print(f"  max |mu of moments - mu of stock Snorkel| = {apart:.1e}")
    for method in ("ours, raw posterior", "ours, moments"):
        if method in found and stock["added_mb"] > 100:  # less is no measure of anything
            time_share = found[method]["seconds"] / stock["seconds"]
            memory_share = found[method]["added_mb"] / stock["added_mb"]
            print(f"  {method}: {time_share:.3f} of its time, {memory_share:.3f} of its memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-scale", action="store_true", help="leave out the million items")
    parser.add_argument("--seconds", type=float, default=25, help="time limit for each method")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    voice_bars = "accuracy .545, log-loss 1.23, with gold 1.22"
    both_bars = "accuracy .768, log-loss .64, with gold .63"
    makers: list[tuple[str, Callable[[], Case], Path | None]] = [
        ("face-sentiment", face_sentiment, DATA / "crowd" / "face-sentiment" / "answer.csv"),
        ("CREMA-D voice", lambda: crema("1", "CREMA-D voice", voice_bars), DATA / "crema-d"),
        ("CREMA-D both", lambda: crema("3", "CREMA-D audiovisual", both_bars), DATA / "crema-d"),
        ("synthetic", lambda: synthetic(10_000, 20, 7, 0.3, "synthetic, independent"), None),
    ]
    for name, make, needed in makers:
        if needed is not None and not needed.exists():
            print(f"\n{name}: left out, {needed} is not there (set UNDERTONE_TEST_DATA)")
            continue
        table(make(), tuple(METHODS), asked.seconds)
    if not asked.no_scale:
        table(sparse_annotators(100_000, 2_000, 10, 7), AT_SCALE, asked.seconds)
        table(synthetic(1_000_000, 20, 7, 0.3, "a million items"), AT_SCALE, 3 * asked.seconds)


if __name__ == "__main__":
    main()

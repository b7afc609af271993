"""Confidence without gold on many sets of votes: log-loss and accuracy beside the best peer.

    python bench/confidence.py [--simulated] [--only WORD]

By default settings, no prior stated. `over` is our log-loss less that of the best of smoothed
majority share, Dawid-Skene, GLAD and MACE on that set; `behind` the accuracy by which the best of
them is ahead, in its standard errors. Real votes are read from UNDERTONE_TEST_DATA or
<repo>/../shared/data; peers come with `pip install -e '.[bench]'`. About 12 CPU s a set.
"""

import argparse
import os
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from crowdkit import aggregation as crowdkit
from vote_sets import DATA, REAL, SIMULATED, Set

from labels.majority import majority_share
from labels.metrics import accuracy, log_loss
from models.aggregation import aggregate

PEERS = ("majority", "Dawid-Skene", "GLAD", "MACE")


def peers(votes) -> dict[str, np.ndarray]:
    """Probabilities (n_items, k) by the majority share and by crowd-kit."""
    table = pd.DataFrame({"task": votes.item, "worker": votes.source, "label": votes.value})
    found = {"majority": majority_share(votes)}
    fits = (crowdkit.DawidSkene(), crowdkit.GLAD(), crowdkit.MACE(random_state=0))
    for name, fit in zip(PEERS[1:], fits, strict=True):
        proba = fit.fit_predict_proba(table)
        proba = proba.reindex(index=range(votes.n_items), columns=range(votes.n_classes))
        proba = proba.fillna(0).to_numpy() + 1e-12
        found[name] = proba / proba.sum(axis=1, keepdims=True)
    return found


def judge(name: str, made: Set) -> tuple[float, float]:
    """Print a line about a set; its figures `over` and `behind`."""
    votes, truth = made
    known = truth >= 0
    figures = {
        peer: (log_loss(proba[known], truth[known]), accuracy(proba[known], truth[known]))
        for peer, proba in peers(votes).items()
    }
    found = aggregate(votes)
    ours = (log_loss(found.proba[known], truth[known]), accuracy(found.proba[known], truth[known]))
    best = max(right for _, right in figures.values())
    error = np.sqrt(best * (1 - best) / known.sum()) + 1e-9
    over = ours[0] - min(loss for loss, _ in figures.values())
    behind = (best - ours[1]) / error
    cells = "  ".join(f"{loss:6.3f} {right:.3f}" for loss, right in figures.values())
    print(
        f"{name:33s} {votes.n_classes:2d} {len(votes.sources):4d} {len(votes.item):6,d}  {cells}"
        f"  {ours[0]:6.3f} {ours[1]:.3f}  {over:+.3f}  {behind:+.1f}"
        f"  {found.report['crowd']['ambiguity']:5.2f}",
        flush=True,
    )
    return over, behind


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulated", action="store_true", help="the simulated sets too")
    parser.add_argument("--only", default="", help="sets whose names hold this")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    sets = (REAL if DATA.exists() else {}) | (SIMULATED if asked.simulated else {})
    if not DATA.exists():
        print(f"real votes are left out: {DATA} is not there (set UNDERTONE_TEST_DATA)")
    print(f"{'log-loss accuracy':49s}", "  ".join(f"{peer:12s}" for peer in PEERS), end="  ")
    print("ours          over    behind  ambiguity")
    judged = [judge(name, make()) for name, make in sets.items() if asked.only in name]
    if judged:
        over, behind = np.array(judged).T
        n_over = (over > 0.02).sum()
        print(f"{len(over)} sets: over by more than .02 on {n_over} (mean {over.mean():+.3f},")
        print(f"most {over.max():+.3f}); behind by more than an error on {(behind > 1).sum()}.")


if __name__ == "__main__":
    main()

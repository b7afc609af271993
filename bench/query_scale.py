"""What choosing costs: ranked batch beside modAL's own, and the default on a million clips.

Part of bench/active_learning.py; `python bench/query_scale.py` runs it alone.
"""

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "2")
# The room of the same name is meant, not the file beside this one.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import numpy as np
from modAL.batch import uncertainty_batch_sampling
from modAL.models import ActiveLearner
from sklearn.linear_model import LogisticRegression

from active_learning.ranked_batch import ranked_batch
from active_learning.selection import Untaught
from active_learning.strategies import STRATEGIES


def show() -> None:
    """Print both."""
    identical_picks()
    for taught in (False, True):
        process = multiprocessing.get_context("spawn").Process(
            target=million, args=("default", taught)
        )
        process.start()
        process.join()


def identical_picks() -> None:
    """Ranked batch on 100,000 x 88 beside modAL's own."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100_200, 88)), rng.integers(0, 6, 200)
    learner = ActiveLearner(LogisticRegression(C=0.1, max_iter=300).fit(X[:200], y))
    learner.X_training, learner.y_training = X[:200], y
    ours, our_cpu, our_s = timed(lambda: ranked_batch(learner, X[200:], 100).indices)
    theirs, their_cpu, their_s = timed(
        lambda: uncertainty_batch_sampling(learner, X[200:], n_instances=100)[0]
    )
    print(f"\nranked batch, 100 of 100,000 x 88: ours {our_s:.1f} s ({our_cpu:.1f} CPU s), modAL "
          f"{their_s:.1f} s ({their_cpu:.1f} CPU s), {their_cpu / our_cpu:.0f} times the CPU; "
          f"picks identical: {np.array_equal(ours, theirs)}")  # fmt: skip


def million(name: str, taught: bool) -> None:
    """One strategy on 1,000,000 x 128, in a process of its own."""
    rng = np.random.default_rng(0)
    X = np.empty((1_000_000, 128), dtype=np.float32)
    for start in range(0, len(X), 20_000):
        X[start : start + 20_000] = rng.standard_normal((20_000, 128), dtype=np.float32)
    y = rng.integers(0, 6, 500)
    X[:500] += 0.5 * rng.standard_normal((6, 128), dtype=np.float32)[y]
    learner = ActiveLearner(
        LogisticRegression(C=0.1, max_iter=300).fit(X[:500], y) if taught else Untaught()
    )
    if taught:
        learner.X_training, learner.y_training = X[:500], y
    _, cpu_s, wall_s = timed(lambda: STRATEGIES[name](learner, X, 100, seed=0))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    state = "500 labels" if taught else "no label"
    print(f"{name}, 100 of 1,000,000 x 128, {state}: {wall_s:.1f} s ({cpu_s:.1f} CPU s), "
          f"peak {peak:.0f} MB of which the pool 512")  # fmt: skip


def timed(what: Callable[[], Any]) -> tuple[Any, float, float]:
    """(result, CPU seconds, wall seconds)."""
    cpu, wall = time.process_time(), time.monotonic()
    result = what()
    return result, time.process_time() - cpu, time.monotonic() - wall


if __name__ == "__main__":
    show()

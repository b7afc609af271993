"""The whole loop played on a labelled corpus: labels are hidden, and revealed when asked for."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from active_learning.selection import select
from active_learning.strategies import OWN_START
from labels.metrics import ece, macro_f1, uar
from labels.simulation import SimulatedExpert
from models.classifier import EmotionClassifier
from rounds import features, inputs, pool
from rounds.evaluation import reference_of
from rounds.ingest import ingest
from rounds.simulated_sides import Game, LabelledCorpus, sides
from rounds.worker_life import die_with_parent
from rounds.workspace import Progress, Workspace, silent

COLUMNS = ("strategy", "seed", "n_labels", "uar", "macro_f1", "ece")
"""The columns of a curve's CSV; `simulate` gives `minutes`, an expert's, beside them."""

MODEL_KIND = "best"
"""The kind of model that is trained: as in a round, the one that held-out folds choose."""


def read_corpus(
    workspace: Workspace, source: str, *, n_workers: int = 1, progress: Progress = silent
) -> LabelledCorpus:
    """Ingest a source into a workspace of its own and compute its features.

    Raises ValueError when it has no emotion labels, or fewer than two speakers.
    """
    ingest(workspace, source, n_workers=n_workers, progress=progress)
    features.compute(workspace, n_workers=n_workers, progress=progress)
    segments = pool.read(workspace)
    read = inputs.of(workspace, segments)
    truth = segments["segment_id"].map(reference_of(workspace)[0])
    use = truth.notna().to_numpy() & read.known
    if not use.any():
        raise ValueError(f"{source} has no emotion labels to hide and reveal")
    return LabelledCorpus(
        inputs=np.nan_to_num(read.values[use]),
        truth=truth[use].to_numpy(dtype=np.int64),
        speakers=segments.loc[use, "speaker_id"].to_numpy(dtype=str),
        segment_ids=segments.loc[use, "segment_id"].to_numpy(dtype=str),
        classes=workspace.scheme.classes,
        durations_s=segments.loc[use, "duration_s"].to_numpy(dtype=float),
    )


def simulate(
    corpus: LabelledCorpus,
    games: Sequence[Game],
    *,
    scheme: Any,
    test: LabelledCorpus | None = None,
    n_workers: int = 1,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Play every game; a row a step: strategy, seed, n_labels, uar, macro_f1, ece on the test
    speakers, minutes. Ordered by strategy as given, then seed, then n_labels."""
    rows: dict[int, list[dict[str, Any]]] = {}
    progress("simulate", 0, len(games))
    if n_workers <= 1 or len(games) == 1:
        for i, game in enumerate(games):
            rows[i] = play(corpus, game, scheme, test)
            progress("simulate", len(rows), len(games))
    else:
        with ProcessPoolExecutor(
            min(n_workers, len(games)),
            mp_context=get_context("spawn"),
            initializer=_settle,
            initargs=(corpus, test, scheme),
        ) as processes:
            futures = {processes.submit(_play_settled, game): i for i, game in enumerate(games)}
            for future in as_completed(futures):
                rows[futures[future]] = future.result()
                progress("simulate", len(rows), len(games))
    ordered = [row for i in range(len(games)) for row in rows[i]]
    return pd.DataFrame(ordered, columns=[*COLUMNS, "minutes"])


def play(
    corpus: LabelledCorpus, game: Game, scheme: Any, test: LabelledCorpus | None = None
) -> list[dict[str, Any]]:
    """One loop from nothing to the budget (or the whole pool): select, reveal, train, measure."""
    pool_rows, test_inputs, test_truth = sides(corpus, game, test)
    answers = _answers(corpus, pool_rows, game, scheme)
    taken: list[int] = []
    model: EmotionClassifier | None = None
    rows = []
    while len(taken) < min(game.budget, len(pool_rows)):
        free = np.setdiff1d(np.arange(len(pool_rows)), taken)
        n_next = min(game.batch, game.budget - len(taken), len(free))
        strategy = game.strategy if model or game.strategy in OWN_START else "random"
        chosen = select(
            model,
            corpus.inputs[pool_rows[free]],
            n_next,
            strategy=strategy,
            seed=game.seed * 1000 + len(taken),
            classes=[] if model is None else [str(c) for c in model.classes_],
            labelled=corpus.inputs[pool_rows[taken]],
            labels=answers[taken],
        )
        taken += free[chosen.indices].tolist()
        heard = pool_rows[taken]
        model = _taught(corpus, heard, answers[taken], game.seed)
        proba = _said(model, test_inputs, corpus)
        rows.append(
            {
                "strategy": game.strategy,
                "seed": game.seed,
                "n_labels": len(taken),
                "uar": uar(proba, test_truth),
                "macro_f1": macro_f1(proba, test_truth),
                "ece": ece(proba, test_truth),
                "minutes": corpus.minutes(heard),
            }
        )
    return rows


def full_scores(
    corpus: LabelledCorpus,
    games: Sequence[Game],
    test: LabelledCorpus | None = None,
    progress: Progress = silent,
) -> dict[int, float]:
    """UAR by seed of the model that has every label of the pool, right: what a curve grows to."""
    by_seed = {game.seed: game for game in games}
    found: dict[int, float] = {}
    for seed, game in by_seed.items():
        progress("all labels", len(found), len(by_seed))
        rows, test_inputs, test_truth = sides(corpus, game, test)
        model = _taught(corpus, rows, corpus.truth[rows], seed)
        found[seed] = uar(_said(model, test_inputs, corpus), test_truth)
    progress("all labels", len(found), len(by_seed))
    return found


def _taught(
    corpus: LabelledCorpus, heard: np.ndarray, answers: np.ndarray, seed: int
) -> EmotionClassifier:
    model = EmotionClassifier(seed=seed, kind=MODEL_KIND)
    return model.fit(corpus.inputs[heard], answers, speakers=corpus.speakers[heard].tolist())


def _said(model: EmotionClassifier, inputs: np.ndarray, corpus: LabelledCorpus) -> np.ndarray:
    proba = np.zeros((len(inputs), len(corpus.classes)))
    proba[:, model.classes_] = model.predict_proba(inputs)
    return proba


def _answers(corpus: LabelledCorpus, rows: np.ndarray, game: Game, scheme: Any) -> np.ndarray:
    """What the expert would say of each segment of the pool: the truth, or a likely error."""
    if game.reliability >= 1:
        return corpus.truth[rows]
    expert = SimulatedExpert(scheme, reliability=game.reliability, seed=game.seed)
    said = [
        expert.judge(corpus.segment_ids[i], {"emotion": corpus.classes[corpus.truth[i]]})
        for i in rows
    ]
    return np.array([scheme.class_index(one["emotion"]) for one in said], dtype=np.int64)


_SETTLED: dict[str, Any] = {}


def _settle(corpus: LabelledCorpus, test: LabelledCorpus | None, scheme: Any) -> None:
    """Give a worker process the corpora once, not with every game."""
    import os

    import torch

    torch.set_num_threads(1)
    die_with_parent(os.getppid())
    _SETTLED.update(corpus=corpus, test=test, scheme=scheme)


def _play_settled(game: Game) -> list[dict[str, Any]]:
    return play(_SETTLED["corpus"], game, _SETTLED["scheme"], _SETTLED["test"])

"""Evaluation: how well speakers nobody trained on are recognised, within a corpus or across two."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np

from labels.scheme import Scheme
from models.emotion_model import EmotionModel, Prediction
from rounds.corpus_reading import Corpus
from rounds.corpus_training import fit_corpus
from rounds.evaluation_sides import ALL, ENROLMENTS, Plan, apart, deal, emotions_of, shared, usable
from rounds.worker_life import die_with_parent
from rounds.workspace import Progress, silent


@dataclass(frozen=True)
class Evaluated:
    """Answers on n test segments by models that never heard their speakers.

    `said` (n, …) at the enrolment asked for; `curve` maps every one of ENROLMENTS to proba (n, k).
    `classes` and `leaves` name the columns. `test` holds the segments, `folds` what each model was
    trained on, `fold` (n,) who answered; `by` says what was held out.
    """

    plan: Plan
    test: Corpus
    train: Corpus | None
    classes: tuple[str, ...]
    leaves: tuple[str, ...]
    said: Prediction
    curve: dict[int, np.ndarray]
    fold: np.ndarray
    folds: tuple[dict[str, Any], ...]
    by: str
    notes: tuple[str, ...]
    seconds: float


def evaluate(
    test: Corpus,
    scheme: Scheme,
    plan: Plan,
    *,
    train: Corpus | None = None,
    n_workers: int = 1,
    progress: Progress = silent,
) -> Evaluated:
    """Train on reference labels and answer on speakers kept apart.

    Within a corpus every speaker (or fold of speakers) is left out in turn; with `train` its
    whole is learnt from, but for speakers and sounds that the test has too, and the emotions are
    those both have, finer ones taken for their parents where only one side has them. Raises
    ValueError where there is nothing to learn from or to test on.
    """
    began = time.monotonic()
    notes: list[str] = []
    if train is None:
        leaves = emotions_of(test, scheme, plan)
        test = usable(test, leaves)
        of_row, n_folds, by = deal(test, plan, notes)
        jobs = [(test.rows(of_row != f), test.rows(of_row == f)) for f in range(n_folds)]
    else:
        test, train, leaves = shared(test, train, scheme, plan)
        train = apart(train, test, notes)
        of_row, n_folds, by = np.zeros(len(test.emotions), dtype=np.int64), 1, "corpus"
        jobs = [(train, test)]
    classes = tuple(dict.fromkeys(scheme.basic(name) for name in leaves))
    parts = _answers(jobs, scheme, leaves, plan, n_workers, progress)
    said, curve = _together(parts, of_row)
    notes += dict.fromkeys(filter(None, (one.report["single_emotion_speakers"] for one in parts)))
    if test.tracks is not None:
        n = sum(bool(one.report["listening"]) for one in parts)
        notes.append(
            f"a network over frames answers in {n} of {len(parts)} models: where their own "
            "held-out speakers were clearly heard better with it"
        )
    return Evaluated(
        plan=plan,
        test=test,
        train=train,
        classes=classes,
        leaves=leaves,
        said=said,
        curve=curve,
        fold=of_row,
        folds=tuple(part.report for part in parts),
        by=by,
        notes=tuple(notes),
        seconds=time.monotonic() - began,
    )


@dataclass(frozen=True)
class _Part:
    """One model's answers on what it was tested on."""

    said: Prediction
    curve: dict[int, np.ndarray]
    report: dict[str, Any]


def _answers(
    jobs: Sequence[tuple[Corpus, Corpus]],
    scheme: Scheme,
    leaves: Sequence[str],
    plan: Plan,
    n_workers: int,
    progress: Progress,
) -> list[_Part]:
    progress("train and test", 0, len(jobs))
    if n_workers <= 1 or len(jobs) == 1:
        parts = []
        for i, (heard, unheard) in enumerate(jobs, 1):
            parts.append(train_and_test(heard, unheard, scheme, leaves, plan))
            progress("train and test", i, len(jobs))
        return parts
    done: dict[int, _Part] = {}
    with ProcessPoolExecutor(
        min(n_workers, len(jobs)), mp_context=get_context("spawn"),
        initializer=_settle, initargs=(os.getpid(),),
    ) as processes:  # fmt: skip
        futures = {
            processes.submit(train_and_test, heard, unheard, scheme, leaves, plan): i
            for i, (heard, unheard) in enumerate(jobs)
        }
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            progress("train and test", len(done), len(jobs))
    return [done[i] for i in range(len(jobs))]


def _settle(parent: int) -> None:
    import torch

    torch.set_num_threads(1)
    die_with_parent(parent)


def train_and_test(
    heard: Corpus, unheard: Corpus, scheme: Scheme, leaves: Sequence[str], plan: Plan
) -> _Part:
    """Train on one side and answer on the other, at the enrolment asked for and along the curve."""
    began = time.monotonic()
    model = fit_corpus(heard, scheme, leaves, seed=plan.seed)
    seconds = time.monotonic() - began
    said = {
        n: enrolled(model, unheard, n, plan.seed) for n in dict.fromkeys((*ENROLMENTS, plan.enrol))
    }
    report = {
        "n_train": len(heard.emotions),
        "n_test": len(unheard.emotions),
        "train_speakers": len(set(heard.speakers)),
        "test_speakers": sorted(set(unheard.speakers))[:50],
        "training_seconds": round(seconds, 2),
        **{
            name: model.report.get(name)
            for name in ("kind", "kinds_log_loss", "leaning_on_the_speaker", "temperature",
                         "single_emotion_speakers", "out_of_fold", "out_of_fold_unknown_speaker")
        },
        **({} if heard.tracks is None else {
            name: model.report.get(name)
            for name in ("listening", "listening_log_loss", "listening_figures")
        }),
    }  # fmt: skip
    return _Part(said[plan.enrol], {n: one.proba for n, one in said.items()}, report)


def enrolled(model: EmotionModel, corpus: Corpus, n: int, seed: int) -> Prediction:
    """What a model says of a corpus with n other utterances of each one's speaker known."""
    if n == ALL:
        return model.predict(model.inputs(corpus.features, corpus.speakers), corpus.tracks)
    known = model.scaling.enrolled(corpus.features, corpus.speakers, n, seed)
    return model.predict(known, corpus.tracks)


def _together(
    parts: Sequence[_Part], of_row: np.ndarray
) -> tuple[Prediction, dict[int, np.ndarray]]:
    def joined(get: Callable[[_Part], np.ndarray]) -> np.ndarray:
        first = get(parts[0])
        out = np.empty((len(of_row), *first.shape[1:]), dtype=first.dtype)
        for f, part in enumerate(parts):
            out[of_row == f] = get(part)
        return out

    said = Prediction(
        **{
            name: joined(lambda part, name=name: getattr(part.said, name))
            for name in Prediction.__dataclass_fields__
        }
    )
    return said, {n: joined(lambda part, n=n: part.curve[n]) for n in parts[0].curve}

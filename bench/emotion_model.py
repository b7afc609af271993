"""How well emotion is recognised in voices never heard, and what it costs, beside its peer.

    python bench/emotion_model.py [--data FOLDER] [--workers 2] [--skip-peer] [--augment]

nEMO and EMO-DB in UNDERTONE_TEST_DATA or <repo>/../shared/data. Every figure is of speakers who
were left out (one at a time), or of another corpus. The peer is openSMILE's eGeMAPS with
scikit-learn's logistic model, in the same run on the same sounds (extra `bench`; openSMILE's
licence is not for commercial use). Timings are of one thread; CPU seconds stand beside wall
seconds, for a box is rarely idle.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
# bench/active_learning.py would hide the room of that name.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from audio.decoding import SAMPLE_RATE_HZ, read
from audio.features import extract
from config.opening import evaluation_folder
from config.settings import Settings
from labels.metrics import uar
from labels.scheme import Scheme
from models.emotion_model import EmotionModel
from rounds.corpus_evaluation import evaluate
from rounds.corpus_reading import Corpus, read_corpus
from rounds.corpus_training import class_index, fit_corpus
from rounds.evaluation_report import report_of
from rounds.evaluation_sides import ALL, Plan, emotions_of, shared
from rounds.prediction import Promise, answers, with_speaker
from rounds.streaming import follow

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))
SCHEME = Scheme.default()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--skip-peer", action="store_true")
    parser.add_argument("--augment", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    folder = evaluation_folder(Settings())
    nemo, emodb = (
        read_corpus(
            str(asked.data / name),
            SCHEME,
            folder=folder,
            n_workers=asked.workers,
            with_altered=asked.augment,
        )
        for name in ("nemo", "emodb")
    )
    peers = (None, None) if asked.skip_peer else (egemaps(nemo, asked), egemaps(emodb, asked))
    quality(nemo, emodb, peers, asked.workers)
    cost(nemo)


def quality(
    nemo: Corpus, emodb: Corpus, peers: tuple[Corpus | None, Corpus | None], workers: int
) -> None:
    """UAR beside the peer's, calibration, abstention, and the enrolment curve."""
    jobs: tuple[tuple[str, Corpus, Corpus | None, Any, Any], ...] = (
        ("nEMO", nemo, None, peers[0], None),
        ("EMO-DB", emodb, None, peers[1], None),
        ("nEMO to EMO-DB", emodb, nemo, peers[1], peers[0]),
    )
    rows, curves = [], []
    for name, test, train, peer_test, peer_train in jobs:
        found = evaluate(test, SCHEME, Plan(enrol=ALL), train=train, n_workers=workers)
        report = report_of(found, SCHEME)
        curve = report["enrolment_curve"]
        theirs = [peer(peer_test, peer_train, n) if peer_test else None for n in (True, False)]
        all_, none = curve["all"], curve["0"]
        rows.append(
            f"| {name} | {all_['uar']:.3f} | {_shown(theirs[0])} | {none['uar']:.3f} "
            f"| {_shown(theirs[1])} | {all_['ece']:.3f} | {none['ece']:.3f} "
            f"| {all_['accuracy']:.3f} | {all_['selective_accuracy_80']:.3f} "
            f"| {all_['log_loss']:.3f} |"
        )
        curves.append(f"| {name} | " + " | ".join(f"{c['uar']:.3f}" for c in curve.values()) + " |")
    print("\n| | UAR, all known | eGeMAPS | UAR, none known | eGeMAPS | ECE, all | ECE, none "
          "| accuracy | at 80 % | log-loss |\n|" + " --- |" * 10)  # fmt: skip
    print("\n".join(rows))
    print("\n| UAR by utterances known | none | 2 | 5 | 10 | 20 | all |\n|" + " --- |" * 7)
    print("\n".join(curves))


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def cost(nemo: Corpus) -> None:
    """Training on all but one speaker, an answer to a clip of 3 s, and following a stream."""
    speakers = np.array(nemo.speakers)
    heard = nemo.rows(speakers != np.unique(speakers)[0])
    leaves = emotions_of(heard, SCHEME, Plan())
    wall, cpu = time.perf_counter(), time.process_time()
    model = fit_corpus(heard, SCHEME, leaves, seed=0)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"\ntraining on {len(heard.emotions)} clips: {wall:.1f} s, {cpu:.1f} CPU s")
    paths = [Path(path) for path in heard.about["path"][:: len(heard.emotions) // 60]]
    sounds = [np.resize(read(path), 3 * SAMPLE_RATE_HZ) for path in paths]
    promised = Promise(0.0, 0.0, 1.0, 0.0, 0.9)
    nobody = np.zeros((0, model.n_features))

    def answered(sound: np.ndarray) -> None:
        wide = with_speaker(model, extract(sound)[None], nobody)
        answers(model, wide, [("-", 0.0, 3.0)], promised)

    p50, p95, cpu_p50 = timed(answered, sounds)
    print(
        f"a clip of 3 s, features included: p50 {p50:.1f} ms, p95 {p95:.1f} ms "
        f"(p50 by CPU time {cpu_p50:.1f} ms)"
    )
    stream(model, np.concatenate(sounds), promised, nobody)


def timed(
    work: Callable[[np.ndarray], None], sounds: list[np.ndarray]
) -> tuple[float, float, float]:
    """(p50, p95, p50 of CPU time) in ms, after a few to warm up."""
    for sound in sounds[:5]:
        work(sound)
    took, used = [], []
    for sound in sounds:
        wall, cpu = time.perf_counter(), time.process_time()
        work(sound)
        took.append(1000 * (time.perf_counter() - wall))
        used.append(1000 * (time.process_time() - cpu))
    return float(np.median(took)), float(np.quantile(took, 0.95)), float(np.median(used))


def stream(model: EmotionModel, sound: np.ndarray, promised: Promise, nobody: np.ndarray) -> None:
    """How much faster than real time a stream is followed."""
    blocks = [sound[i : i + 1600] for i in range(0, len(sound), 1600)]
    wall, cpu = time.perf_counter(), time.process_time()
    n_said = sum(1 for _ in follow(blocks, model, promised, nobody))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    seconds = len(sound) / SAMPLE_RATE_HZ
    print(
        f"a stream of {seconds:.0f} s, {n_said} answers: {seconds / wall:.0f} times real time "
        f"({seconds / cpu:.0f} by CPU time)"
    )


def egemaps(corpus: Corpus, asked: argparse.Namespace) -> Corpus:
    """The corpus with eGeMAPS functionals for features."""
    paths = list(corpus.about["path"])
    parts = np.array_split(np.array(paths, dtype=object), max(1, asked.workers * 4))
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as processes:
        return replace(corpus, features=np.concatenate(list(processes.map(_smiled, parts))))


def _smiled(paths: np.ndarray) -> np.ndarray:
    import opensmile

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02,
        feature_level=opensmile.FeatureLevel.Functionals,
    )
    sounds = [read(Path(path)) for path in paths]
    return np.array([smile.process_signal(s, SAMPLE_RATE_HZ).to_numpy()[0] for s in sounds])


def peer(test: Corpus, train: Corpus | None, normalised: bool) -> float:
    """UAR of the logistic model on speakers left out, or trained on another corpus."""
    if train is not None:
        test, train, leaves = shared(test, train, SCHEME, Plan())
        sides = [(_scaled(train, normalised), train, _scaled(test, normalised), test)]
    else:
        leaves = emotions_of(test, SCHEME, Plan())
        table, speakers = _scaled(test, normalised), np.array(test.speakers)
        sides = [
            (table[speakers != s], test.rows(speakers != s), table[speakers == s],
             test.rows(speakers == s))
            for s in np.unique(speakers)
        ]  # fmt: skip
    said, truth = [], []
    for x, heard, unheard_x, unheard in sides:
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.01, class_weight="balanced", max_iter=1000)
        )
        model.fit(x, class_index(heard.emotions, leaves))
        said.append(model.predict(unheard_x))
        truth.append(class_index(unheard.emotions, leaves))
    return uar(np.concatenate(said), np.concatenate(truth))


def _scaled(corpus: Corpus, normalised: bool) -> np.ndarray:
    if not normalised:
        return corpus.features
    out = np.empty_like(corpus.features)
    speakers = np.array(corpus.speakers)
    for s in np.unique(speakers):
        own = corpus.features[speakers == s]
        out[speakers == s] = (own - own.mean(axis=0)) / (own.std(axis=0) + 1e-9)
    return out


if __name__ == "__main__":
    main()

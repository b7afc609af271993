"""What a network over frames is worth beside the model, and what each part of it is worth.

    python bench/frames.py      # nEMO, EMO-DB, nEMO to EMO-DB: the table of docs/model.md
    python bench/frames.py --only emodb --rows "no frames" frames

One speaker left out at a time. The model of the functionals is trained as always; a network over
frames beside it, once with each part on or off; both answer in equal parts. Temperatures are
those that suit the other test speakers. nEMO is drawn anew for every seed.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# bench/active_learning.py would hide the room of that name.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import numpy as np
import torch

from config.opening import evaluation_folder
from config.settings import Settings
from labels.metrics import uar
from labels.scheme import Scheme
from models.calibration import expected_log_loss, fit_temperature
from models.emotion_model import EmotionModel
from models.frame_augmentation import Augmentation
from models.frame_fitting import FrameLesson, FrameRecipe, fit
from models.frame_guides import GuideShares
from models.frame_scaling import FrameScaling
from models.listener import answered, listen
from models.weights import class_factors
from rounds.corpus_guides import guides_of
from rounds.corpus_reading import Corpus, read_corpus
from rounds.corpus_training import class_index, fit_corpus, targets_of
from rounds.evaluation_sides import Plan, emotions_of, shared

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))
SCHEME = Scheme.default()
NOT_JOINED = "not joined with the functionals"
OFF = Augmentation(masks=False)
PLAIN = FrameRecipe(augmentation=Augmentation(), guides=GuideShares())

ROWS: dict[str, FrameRecipe] = {
    "frames": PLAIN,
    NOT_JOINED: PLAIN,
    "no augmentation": replace(PLAIN, augmentation=OFF),
    "masks and noise": replace(PLAIN, augmentation=Augmentation(noise=0.4)),
    "masks and level": replace(PLAIN, augmentation=Augmentation(level=0.4)),
    "masks and speed": replace(PLAIN, augmentation=Augmentation(speed=0.12)),
    "all augmentation": replace(PLAIN, augmentation=Augmentation(True, 0.4, 0.4, 0.12)),
    "intonation": replace(PLAIN, guides=GuideShares(intonation=0.2)),
    "rhythm": replace(PLAIN, guides=GuideShares(rhythm=0.2)),
    "pronunciation": replace(PLAIN, guides=GuideShares(pronunciation=0.2)),
    "all guides": replace(PLAIN, guides=GuideShares(0.2, 0.2, 0.2)),
    "three networks": replace(PLAIN, n_networks=3),
}
"""Of the network over frames; the first is what the others differ from."""


def main() -> None:
    """Print a table a corpus."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", nargs="*", default=["nemo", "emodb", "cross"])
    parser.add_argument("--rows", nargs="*", default=list(ROWS))
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--clips", type=int, default=100, help="of each of nEMO's speakers")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    folder = evaluation_folder(Settings())
    whole = {
        name: read_corpus(
            str(asked.data / name), SCHEME, folder=folder, n_workers=2, with_tracks=True
        )
        for name in ("nemo", "emodb")
    }
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    for job in asked.only:
        print(f"\n| {job} | UAR | log-loss | nothing known: UAR | log-loss | alone: UAR | log-loss "
              "| s |\n|" + " --- |" * 8)  # fmt: skip
        table(job, whole, asked.rows, seeds, asked.clips)


def table(job: str, whole: dict[str, Corpus], names: list[str], seeds: range, n_clips: int) -> None:
    """One job's rows, each figure the mean over seeds and its spread."""
    found: dict[str, list[list[float]]] = {}
    for seed in seeds:
        test, train, leaves = sides(job, whole, n_clips, seed)
        truth = class_index(test.emotions, leaves)
        folds = list(dealt(test, train))
        bases = [fit_corpus(heard, SCHEME, leaves, seed=seed) for heard, _ in folds]
        base = {
            known: together(
                test,
                folds,
                [
                    np.log(model.predict(inputs(model, unheard, known)).proba_leaves)
                    for model, (_, unheard) in zip(bases, folds, strict=True)
                ],
            )
            for known in ("all", "none")
        }
        own = [*scores(base["all"], truth, test), *scores(base["none"], truth, test)]
        found.setdefault("no frames", []).append([*own, np.nan, np.nan, np.nan])
        shown("no frames", found["no frames"])
        for name in names:
            began = time.process_time()
            said = {"all": [], "none": []}
            for model, (heard, unheard) in zip(bases, folds, strict=True):
                for known, logits in member(model, heard, unheard, leaves, name, seed).items():
                    said[known].append(logits)
            row = []
            for known in ("all", "none"):
                frames = tempered(together(test, folds, said[known]), truth, test)
                row += scores((tempered(base[known], truth, test) + frames) / 2, truth, test)
                if known == "all":
                    alone = scores(frames, truth, test)
            found.setdefault(name, []).append([*row, *alone, time.process_time() - began])
            shown(name, found[name])


def shown(name: str, runs: list[list[float]]) -> None:
    values = np.array(runs)
    cells = [
        f"{m:.3f} ± {s:.3f}" if i < 2 and len(runs) > 1 else f"{m:.3f}"
        for i, (m, s) in enumerate(zip(values.mean(axis=0), values.std(axis=0), strict=True))
    ]
    print(f"| {name} ({len(runs)}) | " + " | ".join(cells) + " |", flush=True)


def sides(
    job: str, whole: dict[str, Corpus], n_clips: int, seed: int
) -> tuple[Corpus, Corpus | None, tuple[str, ...]]:
    """(test, train or None, emotions)."""
    if job == "emodb":
        return whole["emodb"], None, emotions_of(whole["emodb"], SCHEME, Plan())
    rng = np.random.default_rng(seed)
    speakers = np.array(whole["nemo"].speakers)
    drawn = np.concatenate(
        [rng.permutation(np.flatnonzero(speakers == s))[:n_clips] for s in np.unique(speakers)]
    )
    nemo = whole["nemo"].rows(np.sort(drawn))
    if job == "nemo":
        return nemo, None, emotions_of(nemo, SCHEME, Plan())
    test, train, leaves = shared(whole["emodb"], nemo, SCHEME, Plan())
    return test, train, leaves


def dealt(test: Corpus, train: Corpus | None) -> Iterator[tuple[Corpus, Corpus]]:
    """(heard, unheard) of every fold."""
    if train is not None:
        yield train, test
        return
    speakers = np.array(test.speakers)
    for one in np.unique(speakers):
        yield test.rows(speakers != one), test.rows(speakers == one)


def inputs(model: EmotionModel, corpus: Corpus, known: str) -> np.ndarray:
    """What a model reads of a corpus, all utterances of each speaker known, or none."""
    return model.inputs(corpus.features, corpus.speakers if known == "all" else None)


def member(
    model: EmotionModel,
    heard: Corpus,
    unheard: Corpus,
    leaves: Sequence[str],
    name: str,
    seed: int,
) -> dict[str, np.ndarray]:
    """Logits of a network over frames on `unheard`, with all and nothing known of the speakers."""
    joined = 0.0 if name == NOT_JOINED else 1.0
    targets = targets_of(heard, SCHEME, leaves)
    weight = targets.weight * (targets.proba @ class_factors(targets.proba, targets.weight, 0.5))
    ends = np.array([(s.low, s.high) for s in SCHEME.scales], dtype=float)
    unit = 2 * (targets.scales - ends[:, 0]) / (ends[:, 1] - ends[:, 0]) - 1
    scaling = FrameScaling.fit(heard.tracks)
    lesson = FrameLesson(
        scaling.transform(heard.tracks),
        joined * model.scaling.branches(inputs(model, heard, "all"))[: model.n_views],
        targets.proba.astype(np.float32),
        unit.astype(np.float32),
        weight.astype(np.float32),
        np.where(np.isfinite(unit), targets.scale_weight, 0).astype(np.float32),
        guides_of(heard),
    )
    networks = fit(lesson, ROWS[name], seed=seed)
    pooled = listen(networks, scaling.transform(unheard.tracks)).pooled
    said = {}
    for known, view in (("all", -1), ("none", 0)):
        views = model.scaling.branches(inputs(model, unheard, known))[: model.n_views]
        said[known] = answered(networks, pooled, joined * views)[0][view]
    return said


def together(test: Corpus, folds: Sequence[object], parts: Sequence[np.ndarray]) -> np.ndarray:
    """Answers fold by fold (n, k) in the order of `test`."""
    if len(folds) == 1:
        return parts[0]
    speakers = np.array(test.speakers)
    out = np.zeros((len(speakers), parts[0].shape[1]))
    for one, part in zip(np.unique(speakers), parts, strict=True):
        out[speakers == one] = part
    return out


def tempered(logits: np.ndarray, truth: np.ndarray, test: Corpus) -> np.ndarray:
    """Each speaker's logits over the temperature that suits the others."""
    speakers = np.array(test.speakers)
    target, out = np.eye(logits.shape[1])[truth], np.empty_like(logits)
    for one in np.unique(speakers):
        own = speakers == one
        t = fit_temperature(logits[~own], target[~own], np.ones((~own).sum()))
        out[own] = logits[own] / t
    return out


def scores(logits: np.ndarray, truth: np.ndarray, test: Corpus) -> list[float]:
    """UAR and log-loss."""
    proba = np.eye(logits.shape[1])[truth]
    loss = expected_log_loss(tempered(logits, truth, test), proba, np.ones(len(truth)))
    return [uar(logits.argmax(axis=1), truth), loss]


if __name__ == "__main__":
    main()

"""What a network over frames is worth beside the model, and what each part of it is worth.

    python bench/frames.py      # nEMO, EMO-DB, nEMO to EMO-DB: the table of docs/model.md
    python bench/frames.py --only emodb --rows "no frames" frames

Five folds of speakers (one each of nEMO's, two of EMO-DB's). The linear members over the
functionals, which answer on so few clips, and a network over frames beside them, once with each
part on or off; both answer in equal parts. When it halts and the temperatures are those that suit
the other test speakers. nEMO is drawn anew for every seed.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from models.calibration import expected_log_loss, fit_temperature, log_losses
from models.folds import speaker_folds
from models.frame_augmentation import Augmentation
from models.frame_fitting import FrameLesson, FrameRecipe, fit
from models.frame_guides import GuideShares
from models.frame_scaling import FrameScaling
from models.linear import fit_discriminant, fit_logistic, said
from models.listener import answered, listen
from models.targets import Targets
from models.voices import VoiceScaling
from models.weights import class_factors
from rounds.corpus_guides import guides_of
from rounds.corpus_reading import Corpus, read_corpus
from rounds.corpus_training import class_index, targets_of
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
    "intonation": replace(PLAIN, guides=GuideShares(intonation=0.2)),
    "rhythm": replace(PLAIN, guides=GuideShares(rhythm=0.2)),
    "pronunciation": replace(PLAIN, guides=GuideShares(pronunciation=0.2)),
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
        sides_of = [Heard.of(heard, leaves) for heard, _ in folds]
        base = {known: linear(sides_of, folds, truth, test, known) for known in ("all", "none")}
        own = [*scores(base["all"], truth, test), *scores(base["none"], truth, test)]
        found.setdefault("no frames", []).append([*own, np.nan, np.nan, np.nan])
        shown("no frames", found["no frames"])
        for name in names:
            began = time.process_time()
            parts = [
                member(side, heard, unheard, name, seed)
                for side, (heard, unheard) in zip(sides_of, folds, strict=True)
            ]
            halts = [
                {k: together(test, folds, [one[h][k] for one in parts]) for k in ("all", "none")}
                for h in range(len(PLAIN.halts))
            ]
            halts = [{k: tempered(one, truth, test) for k, one in said.items()} for said in halts]
            own = picked(halts, base, truth, test)
            row = []
            for known in ("all", "none"):
                both = (tempered(base[known], truth, test) + own[known]) / 2
                row += scores(both, truth, test)
            alone = scores(own["all"], truth, test)
            found.setdefault(name, []).append([*row, *alone, time.process_time() - began])
            shown(name, found[name])


def picked(
    halts: list[dict[str, np.ndarray]], base: dict[str, np.ndarray], truth: np.ndarray, test: Corpus
) -> dict[str, np.ndarray]:
    """For each speaker the answers of the halt at which the other speakers are heard best."""
    losses = [
        sum(
            log_losses(both := (tempered(base[k], truth, test) + said[k]) / 2,
                       np.eye(both.shape[1])[truth])
            for k in said
        )
        for said in halts
    ]  # fmt: skip
    speakers = np.array(test.speakers)
    out = {known: np.empty_like(one) for known, one in halts[0].items()}
    for one in np.unique(speakers):
        own = speakers == one
        best = halts[int(np.argmin([loss[~own].mean() for loss in losses]))]
        for known, answers in best.items():
            out[known][own] = answers[own]
    return out


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
    of_row = folds_of(test)
    for fold in np.unique(of_row):
        yield test.rows(of_row != fold), test.rows(of_row == fold)


def folds_of(test: Corpus) -> np.ndarray:
    """Five folds of speakers: one each of nEMO's, two each of EMO-DB's."""
    return speaker_folds(test.speakers, np.ones(len(test.emotions)), n_folds=5).of_row


@dataclass(frozen=True)
class Heard:
    """What is learnt from: targets, what each row counts, and how voices differ."""

    targets: Targets
    weight: np.ndarray
    scaling: VoiceScaling

    @classmethod
    def of(cls, heard: Corpus, leaves: Sequence[str]) -> "Heard":
        targets = targets_of(heard, SCHEME, leaves)
        weight = targets.weight * (
            targets.proba @ class_factors(targets.proba, targets.weight, 0.5)
        )
        return cls(targets, weight, VoiceScaling.fit(heard.features, heard.speakers))

    def views(self, corpus: Corpus, known: str) -> np.ndarray:
        """(2, n, D), all utterances of each speaker known, or none."""
        speakers = corpus.speakers if known == "all" else None
        return self.scaling.branches(self.scaling.wide(corpus.features, speakers))


def linear(
    sides_of: Sequence[Heard],
    folds: Sequence[tuple[Corpus, Corpus]],
    truth: np.ndarray,
    test: Corpus,
    known: str,
) -> np.ndarray:
    """The linear members, of the view that is leaned on."""
    view, both = (-1 if known == "all" else 0), []
    for fitted in (fit_logistic, fit_discriminant):
        parts = [
            said(
                fitted(side.views(heard, "all")[view], side.targets.proba, side.weight),
                side.views(unheard, known)[view],
            )
            for side, (heard, unheard) in zip(sides_of, folds, strict=True)
        ]
        both.append(tempered(together(test, folds, parts), truth, test))
    return np.mean(both, axis=0)


def member(
    side: Heard, heard: Corpus, unheard: Corpus, name: str, seed: int
) -> list[dict[str, np.ndarray]]:
    """Logits of a network over frames on `unheard` at each halt, with all and nothing known of the
    speakers."""
    joined = 0.0 if name == NOT_JOINED else 1.0
    ends = np.array([(s.low, s.high) for s in SCHEME.scales], dtype=float)
    unit = 2 * (side.targets.scales - ends[:, 0]) / (ends[:, 1] - ends[:, 0]) - 1
    scaling = FrameScaling.fit(heard.tracks)
    lesson = FrameLesson(
        scaling.transform(heard.tracks),
        joined * side.views(heard, "all"),
        side.targets.proba.astype(np.float32),
        unit.astype(np.float32),
        side.weight.astype(np.float32),
        np.where(np.isfinite(unit), side.targets.scale_weight, 0).astype(np.float32),
        guides_of(heard),
    )
    scaled, halts = scaling.transform(unheard.tracks), []
    for networks in fit(lesson, ROWS[name], seed=seed):
        pooled, answers = listen(networks, scaled).pooled, {}
        for known, view in (("all", -1), ("none", 0)):
            inputs = joined * side.views(unheard, known)
            answers[known] = answered(networks, pooled, inputs)[0][view]
        halts.append(answers)
    return halts


def together(test: Corpus, folds: Sequence[object], parts: Sequence[np.ndarray]) -> np.ndarray:
    """Answers fold by fold (n, k) in the order of `test`."""
    if len(folds) == 1:
        return parts[0]
    of_row = folds_of(test)
    out = np.zeros((len(of_row), parts[0].shape[1]))
    for fold, part in zip(np.unique(of_row), parts, strict=True):
        out[of_row == fold] = part
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

"""What altered copies of the training clips are worth, on sound as it is and as it is spoilt.

    python bench/augmentation.py [--data FOLDER] [--every 2]

nEMO (every second clip by default) and EMO-DB in UNDERTONE_TEST_DATA or <repo>/../shared/data, one
speaker left out at a time and from one corpus to the other. The test clips are heard as they are,
in white noise at 15 dB, in six voices of the other corpus at 15 dB, over a telephone (300 to
3,400 Hz, 8 bits) and in a room; UAR and log-loss with all and with no utterances of the test
speaker known, of the model without and with `--augment`.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# bench/active_learning.py would hide the room of that name.
sys.path[:] = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]

import numpy as np
import torch
from torchaudio import functional

from audio.augmentation import in_a_room, in_noise, over_a_line
from audio.decoding import read
from audio.features import extract
from config.opening import evaluation_folder
from config.settings import Settings
from labels.metrics import log_loss, uar
from labels.scheme import Scheme
from rounds.corpus_evaluation import enrolled
from rounds.corpus_reading import Corpus, read_corpus
from rounds.corpus_training import class_index, fit_corpus
from rounds.evaluation_sides import ALL, Plan, emotions_of, shared

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))
SCHEME = Scheme.default()
SNR_DB, N_VOICES = 15.0, 6

Spoil = Callable[[np.ndarray, np.random.Generator], np.ndarray]
Side = tuple[Corpus, Corpus, tuple[str, ...]]


def ways(voices: list[np.ndarray]) -> dict[str, Spoil]:
    """How test clips are spoilt; `voices` babble."""

    def babble(sound: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        chosen = rng.choice(len(voices), N_VOICES, replace=False)
        turned = [np.roll(np.resize(voices[i], len(sound)), rng.integers(8000)) for i in chosen]
        noise = np.sum([one / (one.std() + 1e-9) for one in turned], axis=0, dtype=np.float32)
        both = map(torch.from_numpy, (sound, noise))
        return functional.add_noise(*both, torch.tensor(SNR_DB)).numpy()

    return {
        "white noise": lambda sound, rng: in_noise(sound, SNR_DB, 0.0, rng),
        "voices": babble,
        "telephone": lambda sound, _: over_a_line(sound, 300.0, 3400.0),
        "room": lambda sound, rng: in_a_room(sound, 0.4, 5.0, rng),
    }


def spoilt(corpus: Corpus, other: Corpus) -> dict[str, Corpus]:
    """The corpus as it is and heard in every way."""
    sounds = [np.asarray(read(Path(path)), np.float32) for path in corpus.about["path"]]
    step = max(1, len(other.emotions) // 60)
    found = {"as it is": corpus}
    for name, spoil in ways([read(Path(path)) for path in other.about["path"][::step]]).items():
        rng = np.random.default_rng(0)
        heard = np.array([extract(spoil(sound, rng)) for sound in sounds], dtype=np.float64)
        found[name] = replace(corpus, features=heard)
        print(f"{corpus.source}: {name}", file=sys.stderr, flush=True)
    return found


def sides(test: dict[str, Corpus], train: Corpus | None) -> Iterator[tuple[Corpus, dict, tuple]]:
    """(what is learnt from, what is tested on in every way, the emotions)."""
    clean = test["as it is"]
    if train is not None:
        pairs = {name: shared(one, train, SCHEME, Plan()) for name, one in test.items()}
        _, heard, leaves = pairs["as it is"]
        yield heard, {name: one for name, (one, _, _) in pairs.items()}, leaves
        return
    leaves, speakers = emotions_of(clean, SCHEME, Plan()), np.array(clean.speakers)
    for name in np.unique(speakers):
        out = speakers == name
        yield clean.rows(~out), {way: one.rows(out) for way, one in test.items()}, leaves


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--every", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    nemo, emodb = (
        read_corpus(
            str(asked.data / name), SCHEME, folder=evaluation_folder(Settings()), with_altered=True
        )
        for name in ("nemo", "emodb")
    )
    nemo = nemo.rows(np.arange(0, len(nemo.emotions), asked.every))
    polish, german = spoilt(nemo, emodb), spoilt(emodb, nemo)
    print("| | heard | all known | with copies | none known | with copies |\n|" + " --- |" * 6)
    for title, test, train in (
        ("nEMO", polish, None), ("EMO-DB", german, None),
        ("nEMO to EMO-DB", german, nemo), ("EMO-DB to nEMO", polish, emodb),
    ):  # fmt: skip
        for way, cells in figures(test, train).items():
            print(f"| {title} | {way} | " + " | ".join(cells) + " |", flush=True)


def figures(test: dict[str, Corpus], train: Corpus | None) -> dict[str, list[str]]:
    """For every way, UAR (log-loss): all known without and with copies, none known likewise."""
    said: dict[tuple[str, int, bool], list[np.ndarray]] = {}
    truth: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for heard, unheard, leaves in sides(test, train):
        for copies in (False, True):
            learnt = heard if copies else replace(heard, altered=None)
            model = fit_corpus(learnt, SCHEME, leaves, seed=0)
            named = [SCHEME.basic(n) for n in unheard["as it is"].emotions]
            truth[copies].append(class_index(np.array(named), model.classes))
            for way, one in unheard.items():
                for known in (ALL, 0):
                    proba = enrolled(model, one, known, 0).proba
                    said.setdefault((way, known, copies), []).append(proba)

    def cell(way: str, known: int, copies: bool) -> str:
        p, t = np.concatenate(said[way, known, copies]), np.concatenate(truth[copies])
        return f"{uar(p, t):.3f} ({log_loss(p, t):.2f})"

    return {
        way: [cell(way, known, copies) for known in (ALL, 0) for copies in (False, True)]
        for way in test
    }


if __name__ == "__main__":
    main()

"""What weak labels add to a little gold, and how they should be used.

    python bench/weak_labels.py [--corpus FOLDER] [--votes crowd] [--seeds 5] [--linear]

nEMO in UNDERTONE_TEST_DATA or <repo>/../shared/data: the shipped labelling functions vote, the
label model joins their votes (without gold), and models are trained on the soft labels of all
but one speaker and on a few of their reference labels as gold, drawn by seed. Seed s leaves
speaker s out and tests on them, all their utterances known. UAR, mean and deviation over seeds;
below, each way less the default, seed by seed, with the standard error of that. With `--votes
crowd` one to five of twelve simulated annotators (one of them a spammer) judged each clip
instead, so that some labels are far surer than others.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from labels.metrics import log_loss, uar
from labels.scheme import Scheme
from labels.simulation import crowd
from labels.votes import ABSTAIN, Votes
from models.soft_labels import soft_labels as joined
from models.training import Targets, train
from rounds import features, inputs, snapshot, soft_labels, votes
from rounds.evaluation import reference_of
from rounds.ingest import ingest
from rounds.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))

DEFAULT = "default"
WAYS = {
    "gold alone": {"weak": False},
    DEFAULT: {},
    "worth 50": {"worth": 50.0},
    "hard labels": {"hard": True},
    "no confidence": {"flat": True},
    "full weight": {"worth": np.inf},
}
N_ANNOTATORS, MOST_VOTES = 12, 5


def prepared(
    source: str, folder: Path, workers: int, votes_of: str
) -> tuple[Workspace, inputs.Inputs, dict]:
    """A pool with features, soft labels without any gold, and its reference labels."""
    workspace = Workspace.open(
        database_url=f"sqlite:///{folder}/u.db", data_dir=folder, scheme=Scheme.default()
    )
    ingest(workspace, source)
    features.compute(workspace, n_workers=workers)
    frozen = snapshot.take(workspace)
    pool = frozen.frame("pool")
    truth = pool["segment_id"].map(reference_of(workspace)[0]).to_numpy(dtype=float)
    if votes_of == "crowd":
        soft = joined({"emotion": crowd_votes(workspace.scheme, truth)}, workspace.scheme, seed=0)
    else:
        cast = votes.cast(workspace, frozen)
        soft = soft_labels.from_frame(
            soft_labels.estimate(workspace, frozen, cast, seed=0).frame(), workspace
        )
    made = {"soft": soft, "truth": truth, "people": votes_of == "crowd"}
    return workspace, inputs.of(workspace, pool), made


def crowd_votes(scheme: Scheme, truth: np.ndarray) -> Votes:
    """One to `MOST_VOTES` judgements of each clip, by annotators drawn for it."""
    people, rng = crowd(scheme, seed=0, n_annotators=N_ANNOTATORS), np.random.default_rng(0)
    said = np.full((len(truth), len(people)), ABSTAIN)
    for i in np.flatnonzero(np.isfinite(truth)):
        named = {"emotion": scheme.classes[int(truth[i])]}
        for j in rng.permutation(len(people))[: rng.integers(1, MOST_VOTES + 1)]:
            answer = people[j].judge(str(i), named).get("emotion")
            said[i, j] = ABSTAIN if answer is None else scheme.class_index(answer)
    return Votes.from_dense(said, len(scheme.classes), [one.name for one in people])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", default=str(DATA / "nemo"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--gold", type=int, nargs="*", default=[14, 28, 56, 112, 224])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--votes", choices=("functions", "crowd"), default="functions")
    parser.add_argument("--linear", action="store_true", help="Linear members alone: much quicker.")
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        workspace, read, made = prepared(asked.corpus, Path(folder), asked.workers, asked.votes)
        classes = workspace.scheme.classes
        said = made["soft"].proba.argmax(axis=1)
        voted = made["soft"].confidence > 0
        known = np.isfinite(made["truth"])
        weak_uar = uar(np.eye(len(classes))[said[known & voted]], made["truth"][known & voted])
        print(f"{int(known.sum())} segments, weak labels on {int(voted.sum())}: UAR {weak_uar:.3f}")
        members = {"kinds": ("linear",), "max_epochs": 10} if asked.linear else {}
        print("| gold | " + " | ".join(asked.ways) + " |\n|" + " --- |" * (len(asked.ways) + 1))
        began = time.process_time()
        apart = []
        for n in asked.gold:
            found = {
                way: np.array([
                    one(read, made, classes, n, seed, members, **WAYS[way])
                    for seed in range(asked.seeds)
                ])
                for way in asked.ways
            }  # fmt: skip
            print(f"| {n} | " + " | ".join(map(shown, found.values())) + " |", flush=True)
            if DEFAULT in found:
                apart.append((n, {w: found[DEFAULT] - v for w, v in found.items() if w != DEFAULT}))
        print("\nThe default less each, in points of UAR (and log-loss):")
        for n, others in apart:
            print(f"| {n} | " + " | ".join(f"{w} {gain(v)}" for w, v in others.items()) + " |")
        print(f"CPU seconds: {time.process_time() - began:.0f}")
        workspace.engine.dispose()


def shown(found: np.ndarray) -> str:
    """UAR and log-loss (seeds, 2) as a cell."""
    uars, losses = found.T
    return f"{uars.mean():.3f} ± {uars.std(ddof=1):.3f} ({losses.mean():.2f})"


def gain(apart: np.ndarray) -> str:
    """Differences of UAR and log-loss (seeds, 2) as a cell: mean, standard error."""
    error = apart.std(axis=0, ddof=1) / np.sqrt(len(apart))
    mean = apart.mean(axis=0)
    return f"{100 * mean[0]:+.1f} ± {100 * error[0]:.1f} ({mean[1]:+.3f} ± {error[1]:.3f})"


def one(
    read: inputs.Inputs,
    made: dict,
    classes: tuple[str, ...],
    n_gold: int,
    seed: int,
    members: dict,
    *,
    weak: bool = True,
    worth: float | None = None,
    hard: bool = False,
    flat: bool = False,
) -> tuple[float, float]:
    """(UAR, log-loss) on the speaker left out."""
    speakers = np.array(read.speakers)
    names = np.unique(speakers)
    out = speakers == names[seed % len(names)]
    truth, soft = made["truth"], made["soft"]
    heard = np.flatnonzero(~out & read.known & np.isfinite(truth))
    gold = np.random.default_rng(seed).permutation(heard)[:n_gold]
    k, n = len(classes), len(truth)
    proba = soft.proba.copy()
    if hard:
        proba = np.eye(k)[proba.argmax(axis=1)]
    weight = (soft.confidence > 0).astype(float) if flat else soft.confidence.copy()
    weight *= weak
    proba[gold], weight[gold] = np.eye(k)[truth[gold].astype(int)], 1.0
    is_gold = np.isin(np.arange(n), gold)
    none = np.empty((n, 0))
    votes = np.where(soft.confidence[:, None] > 0, soft.proba, np.nan) if weak else None
    people = np.full(n, made["people"])
    targets = Targets(proba, weight, none, none, is_gold, votes, people).rows(heard)
    model = train(
        read.raw[heard], targets, speakers[heard].tolist(), classes=classes, scales={}, seed=seed,
        weak_worth=worth, **members,
    )  # fmt: skip
    tested = out & read.known & np.isfinite(truth)
    p = model.predict_proba(model.inputs(read.raw[tested], speakers[tested].tolist()))
    return uar(p, truth[tested]), log_loss(p, truth[tested])


if __name__ == "__main__":
    main()

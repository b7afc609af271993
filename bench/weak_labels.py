"""What weak labels add to a little gold, and how they should be used.

    python bench/weak_labels.py [--corpus FOLDER] [--seeds 5] [--gold 14 28 56 112 224]

nEMO in UNDERTONE_TEST_DATA or <repo>/../shared/data: the shipped labelling functions vote, the
label model joins their votes (without gold), and models are trained on the soft labels of all
but one speaker and on a few of their reference labels as gold, drawn by seed. Seed s leaves
speaker s out and tests on them, all their utterances known. UAR, mean and deviation over seeds.
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
from models.training import Targets, train
from rounds import features, inputs, snapshot, soft_labels, votes
from rounds.evaluation import reference_of
from rounds.ingest import ingest
from rounds.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))

WAYS = {
    "gold alone": {"weak": False},
    "weak, learnt worth": {},
    "weak, worth 50": {"worth": 50.0},
    "hard labels": {"worth": 50.0, "hard": True},
    "no confidence": {"worth": 50.0, "flat": True},
    "weak, full weight": {"worth": np.inf},
}


def prepared(source: str, folder: Path, workers: int) -> tuple[Workspace, inputs.Inputs, dict]:
    """A pool with features, soft labels without any gold, and its reference labels."""
    workspace = Workspace.open(
        database_url=f"sqlite:///{folder}/u.db", data_dir=folder, scheme=Scheme.default()
    )
    ingest(workspace, source)
    features.compute(workspace, n_workers=workers)
    frozen = snapshot.take(workspace)
    cast = votes.cast(workspace, frozen)
    soft = soft_labels.from_frame(
        soft_labels.estimate(workspace, frozen, cast, seed=0).frame(), workspace
    )
    pool = frozen.frame("pool")
    truth = pool["segment_id"].map(reference_of(workspace)[0]).to_numpy(dtype=float)
    return workspace, inputs.of(workspace, pool), {"soft": soft, "truth": truth}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--corpus", default=str(DATA / "nemo"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--gold", type=int, nargs="*", default=[14, 28, 56, 112, 224])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--linear", action="store_true", help="Linear members alone: much quicker.")
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        workspace, read, made = prepared(asked.corpus, Path(folder), asked.workers)
        classes = workspace.scheme.classes
        said = made["soft"].proba.argmax(axis=1)
        voted = made["soft"].confidence > 0
        known = np.isfinite(made["truth"])
        weak_uar = uar(np.eye(len(classes))[said[known & voted]], made["truth"][known & voted])
        print(f"{int(known.sum())} segments, weak labels on {int(voted.sum())}: UAR {weak_uar:.3f}")
        members = {"kinds": ("linear",), "max_epochs": 10} if asked.linear else {}
        print("| gold | " + " | ".join(asked.ways) + " |\n|" + " --- |" * (len(asked.ways) + 1))
        began = time.process_time()
        for n in asked.gold:
            cells = []
            for way in map(WAYS.get, asked.ways):
                found = [
                    one(read, made, classes, n, seed, members, **way) for seed in range(asked.seeds)
                ]
                uars, losses = np.array(found).T
                cells.append(f"{uars.mean():.3f} ± {uars.std(ddof=1):.3f} ({losses.mean():.2f})")
            print(f"| {n} | " + " | ".join(cells) + " |", flush=True)
        print(f"CPU seconds: {time.process_time() - began:.0f}")
        workspace.engine.dispose()


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
    targets = Targets(proba, weight, none, none, is_gold, votes).rows(heard)
    model = train(
        read.raw[heard], targets, speakers[heard].tolist(), classes=classes, scales={}, seed=seed,
        weak_worth=worth, **members,
    )  # fmt: skip
    tested = out & read.known & np.isfinite(truth)
    p = model.predict_proba(model.inputs(read.raw[tested], speakers[tested].tolist()))
    return uar(p, truth[tested]), log_loss(p, truth[tested])


if __name__ == "__main__":
    main()

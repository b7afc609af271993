"""What another opinion is worth: experts who err, asked again or about new clips.

    python bench/opinions.py [--seeds 10] [--experts 0.8 0.8 0.8 0.8 0.6] [--judgements 270]
        [--batch 18] [--share 0.25] [--way none rule …] [--games FILE] [--workers 2]

nEMO in UNDERTONE_TEST_DATA or <repo>/../shared/data. The shipped labelling functions vote, the
label model joins their votes without gold; simulated experts, each right so often, judge the clips
that the default strategy asks for, a clip's first judge drawn by chance. Two of five speakers are
kept for testing, others with every seed. The same number of judgements is spent in each way: all
on new clips ("none"), or up to a share of each batch on further opinions, chosen by the rule of a
round ("rule"), by chance among clips judged once or twice ("any"), or by somebody who knows which
labels are wrong or missing ("wrong ones"), which no rule can. Gold is by the scheme's rule; the
model is the one that a round would train, on gold alone.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
# The room active_learning is meant, not the bench of that name beside this file.
HERE = Path(__file__).resolve().parent
sys.path[:] = [*(folder for folder in sys.path if Path(folder).resolve() != HERE), str(HERE)]

import numpy as np
import pandas as pd
import torch
from weak_labels import DATA, prepared

from active_learning.curves import area_under_curve, paired_difference
from active_learning.opinions import believed, is_settled, next_judgements, without_vote
from active_learning.selection import select
from labels.gold import gold
from labels.judgements import Judgement
from labels.metrics import log_loss, uar
from labels.scheme import Scheme
from labels.simulation import SimulatedExpert
from models.classifier import EmotionClassifier
from rounds import pool
from rounds.simulated_sides import held_out
from rounds.simulation import MODEL_KIND

SCHEME = Scheme.default()
K = len(SCHEME.classes)
WAYS = ("none", "rule", "any", "wrong ones")


@dataclass(frozen=True)
class Speech:
    """nEMO: inputs (n, d) by speaker, truth (n,), speakers, ids, and soft labels (n, k)."""

    inputs: np.ndarray
    truth: np.ndarray
    speakers: np.ndarray
    ids: np.ndarray
    soft: np.ndarray

    def rows(self, chosen: np.ndarray) -> "Speech":
        return Speech(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def read(folder: Path, workers: int) -> Speech:
    folder.mkdir(parents=True, exist_ok=True)
    workspace, seen, known = prepared(str(DATA / "nemo"), folder, workers)
    use = np.isfinite(known["truth"]) & seen.known
    segments = pool.read(workspace)
    return Speech(
        np.nan_to_num(seen.values),
        np.nan_to_num(known["truth"], nan=-1).astype(int),
        segments["speaker_id"].to_numpy(dtype=str),
        segments["segment_id"].to_numpy(dtype=str),
        known["soft"].proba,
    ).rows(use)


class Told:
    """Who said what of the clips of a pool so far."""

    def __init__(self, speech: Speech, right: tuple[float, ...], seed: int) -> None:
        self.speech, self.names = speech, [f"expert {i}" for i in range(len(right))]
        experts = [
            SimulatedExpert(SCHEME, reliability=r, seed=seed, name=name)
            for r, name in zip(right, self.names, strict=True)
        ]
        answers = [
            [one.judge(clip, {"emotion": SCHEME.classes[c]})["emotion"] for one in experts]
            for clip, c in zip(speech.ids, speech.truth, strict=True)
        ]
        self.answers = np.array([[SCHEME.class_index(a) for a in row] for row in answers])
        self.rng = np.random.default_rng(seed)
        self.judges: dict[int, list[int]] = {}

    def ask(self, clip: int) -> None:
        """Somebody who has not judged it, by chance."""
        others = [i for i in range(len(self.names)) if i not in self.judges.get(clip, ())]
        self.judges.setdefault(clip, []).append(int(self.rng.choice(others)))

    @property
    def heard(self) -> np.ndarray:
        return np.array(sorted(self.judges), dtype=np.int64)

    def n_votes(self) -> np.ndarray:
        return np.array([len(self.judges[i]) for i in self.heard])

    def gold(self) -> np.ndarray:
        """By the scheme's rule, of the heard clips (m,); -1 where they leave none."""
        said = [
            Judgement(f"{i}:{j}", str(i), self.names[j], "expert",
                      {"emotion": SCHEME.classes[self.answers[i, j]]})
            for i in self.heard for j in self.judges[i]
        ]  # fmt: skip
        found = gold(said, SCHEME)["emotion"]
        return np.array([found.get(str(i), -1) for i in self.heard])

    def posterior(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the heard clips (m, k), and how reliable each expert is taken to be."""
        pairs = [(at, j) for at, i in enumerate(self.heard) for j in self.judges[i]]
        item, who = np.array(pairs).T
        said = self.answers[self.heard[item], who]
        return believed(self.speech.soft[self.heard], item, who, said, len(self.names))


def further(way: str, told: Told, proba: np.ndarray, asked: np.ndarray, most: int) -> list[int]:
    """Clips to be asked about again, at most so many. `proba` is of the whole pool, `asked` the
    clips that would be heard first otherwise."""
    heard, votes, label = told.heard, told.n_votes(), told.gold()
    could = votes < len(told.names)
    if way == "any":
        return told.rng.permutation(heard[votes < min(3, len(told.names))])[:most].tolist()
    if way == "wrong ones":
        return heard[could & (label != told.speech.truth[heard])][:most].tolist()
    posterior, right = told.posterior()
    stands = posterior[np.arange(len(heard)), np.maximum(label, 0)]
    guess = without_vote(proba[heard]).max(axis=1)
    open_ = np.flatnonzero(could & ~is_settled(posterior))
    bought = next_judgements(
        proba[asked],
        posterior[open_],
        votes[open_],
        len(asked),
        reliability=float(right.mean()),
        standing=np.where(label >= 0, stands, guess)[open_],
    )
    return [int(heard[open_[one.index]]) for one in bought if not one.first][:most]


def play(
    speech: Speech, way: str, seed: int, right: tuple[float, ...], asked: argparse.Namespace
) -> list[dict[str, Any]]:
    out = np.isin(speech.speakers, held_out(np.unique(speech.speakers), 2, seed))
    clips, test = speech.rows(~out), speech.rows(out)
    told, model, rows, n, n_more = Told(clips, right, seed), None, [], 0, 0
    with_gold = np.empty(0, dtype=np.int64)
    while n < asked.judgements:
        size = min(asked.batch, asked.judgements - n)
        free = np.setdiff1d(np.arange(len(clips.ids)), told.heard)
        chosen = select(
            model, clips.inputs[free], size, seed=1000 * seed + n, classes=SCHEME.classes,
            labelled=clips.inputs[with_gold],
        ).indices  # fmt: skip
        again: list[int] = []
        if model is not None and way != "none":
            most = int(asked.share * size)
            again = further(way, told, said(model, clips.inputs), free[chosen], most)
        for clip in [*again, *free[chosen[: size - len(again)]].tolist()]:
            told.ask(clip)
        n, n_more = n + size, n_more + len(again)
        label = told.gold()
        with_gold = told.heard[label >= 0]
        model = EmotionClassifier(seed=seed, kind=MODEL_KIND).fit(
            clips.inputs[with_gold], label[label >= 0], speakers=clips.speakers[with_gold].tolist()
        )
        proba, truth = said(model, test.inputs), clips.truth[told.heard]
        rows.append(
            {
                "way": way,
                "seed": seed,
                "n": n,
                "opinions": n_more,
                "clips": len(truth),
                "gold": len(with_gold),
                "right": float((label == truth)[label >= 0].mean()),
                "believed": log_loss(told.posterior()[0], truth),
                "uar": uar(proba, test.truth),
                "log_loss": log_loss(proba, test.truth),
            }
        )
    return rows


def said(model: EmotionClassifier, inputs: np.ndarray) -> np.ndarray:
    proba = np.zeros((len(inputs), K))
    proba[:, model.classes_] = model.predict_proba(inputs)
    return proba


def _play(job: tuple[Any, ...]) -> list[dict[str, Any]]:
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    return play(*job)


def table(steps: pd.DataFrame, ways: list[str]) -> pd.DataFrame:
    """A row a way: what was bought and what came of it; leads are over "none", in points."""
    last = steps[steps["n"] == steps["n"].max()].set_index(["way", "seed"])
    area = {
        name: steps.groupby(["way", "seed"]).apply(
            lambda one, name=name: area_under_curve(one["n"], one[name]), include_groups=False
        )
        for name in ("uar", "log_loss")
    }
    rows = []
    for way in ways:
        mean = last.loc[way].mean()
        row = {
            "way": way,
            "opinions": f"{mean['opinions']:.0f}",
            "gold": f"{mean['gold']:.0f}",
            "gold right": f"{mean['right']:.3f}",
            "right ones": f"{mean['right'] * mean['gold']:.0f}",
            "log-loss of labels": f"{mean['believed']:.3f}",
            "UAR": f"{100 * area['uar'][way].mean():.1f}",
        }
        if "none" in ways:
            row["over none"] = lead(100 * area["uar"][way], 100 * area["uar"]["none"], ".1f")
            row["at the end"] = lead(
                100 * last.loc[way]["uar"], 100 * last.loc["none"]["uar"], ".1f"
            )
            row["log-loss"] = lead(area["log_loss"][way], area["log_loss"]["none"], ".3f")
        rows.append(row)
    return pd.DataFrame(rows)


def lead(ours: pd.Series, theirs: pd.Series, form: str) -> str:
    found = paired_difference(ours.to_numpy(), theirs.to_numpy())
    return f"{found.mean:+{form}} ({found.low:+{form}}..{found.high:+{form}})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--experts", type=float, nargs="+", default=[0.8, 0.8, 0.8, 0.8, 0.6])
    parser.add_argument("--judgements", type=int, default=270)
    parser.add_argument("--batch", type=int, default=18)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--way", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "undertone-ops")
    parser.add_argument("--games", type=Path, help="finished games: kept there, not played again")
    asked = parser.parse_args()
    if not (DATA / "nemo").is_dir():
        sys.exit(f"{DATA / 'nemo'} is not there")
    speech = read(asked.cache, asked.workers)
    right = tuple(asked.experts)
    shape = [list(right), asked.judgements, asked.batch, asked.share]
    lines = asked.games.read_text().splitlines() if asked.games and asked.games.is_file() else []
    steps = [row["steps"] for row in map(json.loads, lines) if row["shape"] == shape]
    done = {(game[0]["way"], game[0]["seed"]): game for game in steps}
    wanted = [(way, seed) for seed, way in itertools.product(range(asked.seeds), asked.way)]
    jobs = [(speech, *one, right, asked) for one in wanted if one not in done]
    with multiprocessing.get_context("spawn").Pool(asked.workers) as processes:
        for i, game in enumerate(processes.imap_unordered(_play, jobs), start=1):
            done[game[0]["way"], game[0]["seed"]] = game
            print(f"\r{i} of {len(jobs)} games", end="", file=sys.stderr, flush=True)
            if asked.games:
                with asked.games.open("a") as file:
                    file.write(json.dumps({"shape": shape, "steps": game}) + "\n")
    print(f"\nexperts right {right}, {asked.judgements} judgements in batches of {asked.batch}, at "
          f"most {asked.share:.0%} of them further opinions, {asked.seeds} seeds")  # fmt: skip
    found = table(pd.DataFrame([row for one in wanted for row in done[one]]), asked.way)
    print(found.to_string(index=False))


if __name__ == "__main__":
    main()

"""Values from ratings beside the mean and the median: how far from the truth, and how surely.

    python bench/ratings.py [--draws 8]

Real ratings (affective text) are read from the folder UNDERTONE_TEST_DATA or
<repo>/../shared/data, whole and thinned to a few ratings an item; the others are simulated, with
raters of the kinds named. All are rated by default settings. No crowd library known to us takes
ratings on a scale, so the peers are what people use: mean, median, and a mean without each item's
extremes.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy import stats

from labels.ratings import Ratings
from models.held_out_ratings import Z_90
from models.rating_aggregation import rate

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", ROOT.parent / "shared" / "data"))

Case = tuple[Ratings, np.ndarray]


@dataclass(frozen=True)
class Crowd:
    """Who rates: standard deviations of shifts and of log scales and noises, share of spammers."""

    n_items: int = 400
    n_raters: int = 40
    each: int = 5
    shift: float = 0.0
    stretch: float = 0.0
    noise: float = 15.0
    noises: float = 0.0
    spam: float = 0.0

    def draw(self, seed: int) -> Case:
        """Whole ratings from 0 to 100, and the values they are of."""
        rng = np.random.default_rng(seed)
        n, m = self.n_items, self.n_raters
        value = np.clip(rng.normal(50, 20, n), 0, 100)
        item = np.repeat(np.arange(n), self.each)
        rater = np.concatenate([rng.choice(m, self.each, replace=False) for _ in range(n)])
        shift, scale = rng.normal(0, self.shift, m), np.exp(rng.normal(0, self.stretch, m))
        shift, scale = shift - shift.mean(), scale / scale.mean()
        noise = self.noise * np.exp(rng.normal(0, self.noises, m))
        said = 50 + shift[rater] + scale[rater] * (value[item] - 50)
        said += rng.normal(0, 1, len(item)) * noise[rater]
        idle = rng.random(m) < self.spam
        said = np.where(idle[rater], rng.uniform(0, 100, len(item)), said)
        names = [f"rater_{j}" for j in range(m)]
        return Ratings.of(n, names, item, rater, np.clip(np.rint(said), 0, 100)), value


CROWDS = {
    "raters alike": Crowd(),
    "2 ratings an item": Crowd(each=2),
    "10 ratings an item": Crowd(each=10),
    "shifted": Crowd(shift=12),
    "of many scales": Crowd(stretch=0.5),
    "of many noises": Crowd(noises=0.6),
    "a fifth spammers": Crowd(spam=0.2),
    "two fifths spammers": Crowd(spam=0.4, each=8),
    "all of it": Crowd(shift=10, stretch=0.4, noises=0.4, spam=0.1),
    "400 raters, shifted": Crowd(n_items=600, n_raters=400, each=4, shift=10),
    "30 items, 6 raters": Crowd(n_items=30, n_raters=6, each=3, shift=8),
    "everyone rates all": Crowd(n_items=100, n_raters=10, each=10, shift=10, stretch=0.3),
}


def affective_text(each: int) -> Callable[[int], Case]:
    """The real ratings, `each` of them an item, drawn by the seed."""
    folder = DATA / "crowd" / "affective-text"

    def draw(seed: int) -> Case:
        answers = pd.read_csv(folder / "answer.csv")
        truth = pd.read_csv(folder / "truth.csv").set_index("question").truth
        item, items = pd.factorize(answers.question)
        rater, names = pd.factorize(answers.worker)
        luck = pd.Series(np.random.default_rng(seed).random(len(item)))
        kept = luck.groupby(item).rank().to_numpy() <= each
        ratings = Ratings.of(
            len(items), list(names), item[kept], rater[kept], answers.answer.to_numpy()[kept]
        )
        return ratings, truth.reindex(items).to_numpy(dtype=float)

    return draw


def by_item(ratings: Ratings, middle: Callable[[np.ndarray], float]) -> np.ndarray:
    starts = np.concatenate([[0], np.cumsum(ratings.per_item())])[:-1]
    return np.array([middle(part) for part in np.split(ratings.value, starts[1:])])


def table(name: str, draw: Callable[[int], Case], n_draws: int) -> None:
    rows, kinds, seconds = [], [], 0.0
    for seed in range(n_draws):
        ratings, value = draw(seed)
        began = time.perf_counter()
        found = rate(ratings, seed=seed)
        seconds += time.perf_counter() - began
        kinds.append(found.report["winner"])
        answers = [
            by_item(ratings, np.mean),
            by_item(ratings, np.median),
            by_item(ratings, lambda said: float(stats.trim_mean(said, 0.2))),
            found.mean,
        ]
        rmse = [np.sqrt(np.mean((answer - value) ** 2)) for answer in answers]
        inside = np.mean(np.abs(found.mean - value) <= Z_90 * found.sd)
        rows.append([*rmse, inside, found.report["held_out_ratings_within_90"]])
    *rmse, inside, foretold = np.mean(rows, axis=0)
    most = max(set(kinds), key=kinds.count)
    cells = "".join(f"{cell:9.2f}" for cell in rmse)
    print(
        f"  {name:22s}{cells}   {inside:6.2f}   {foretold:6.2f}  {seconds / n_draws:6.2f}  "
        f"{most} ({kinds.count(most)} of {n_draws})",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=8, help="draws of each set")
    asked = parser.parse_args()
    print("RMSE to the truth; share of true values, and of held-out ratings, within their 90 %")
    print(f"  {'':22s}     mean   median  trimmed     ours    truth  ratings       s  chosen")
    if (DATA / "crowd" / "affective-text").exists():
        table("affective text", affective_text(10), 1)
        for each in (5, 3, 2):
            table(f"  {each} ratings an item", affective_text(each), asked.draws)
    else:
        print(f"  affective text: left out, {DATA} is not there (set UNDERTONE_TEST_DATA)")
    for name, crowd in CROWDS.items():
        table(name, crowd.draw, asked.draws)
    big = Crowd(n_items=100_000, n_raters=2_000, each=10, shift=10, stretch=0.3)
    table("100,000 items x 10", big.draw, 1)


if __name__ == "__main__":
    main()

"""Simulated learning curves in figures: means over seeds, and labels saved against random picks."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from active_learning.curves import area_under_curve, labels_to_reach, paired_difference


def mean_curve(curve: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One strategy's curve over its seeds: n_labels, mean, low, high (95 % t interval), n_seeds.

    Only numbers of labels that most seeds reached are kept, for a mean over fewer would jump.
    With one seed low and high are NaN.
    """
    by = curve.groupby("n_labels")[metric]
    found = pd.DataFrame({"mean": by.mean(), "sd": by.std(), "n_seeds": by.count()})
    found = found[found["n_seeds"] == found["n_seeds"].max()].reset_index()
    n = found["n_seeds"].to_numpy(dtype=float)
    reach = stdtrit(np.maximum(n - 1, 1), 0.975) * found["sd"].to_numpy() / np.sqrt(n)
    # All metrics lie in [0, 1], and so does what can be said of them.
    found["low"] = np.clip(found["mean"] - reach, 0, 1)
    found["high"] = np.clip(found["mean"] + reach, 0, 1)
    return found.drop(columns="sd")


def summarise(
    curve: pd.DataFrame, *, share: float = 0.95, full: Mapping[int, float] | None = None
) -> pd.DataFrame:
    """A row a strategy: what it came to, and how many labels it needed to come near the best.

    strategy, n_seeds, n_labels; uar, uar_low, uar_high (95 % t interval of the mean), macro_f1
    and ece at the last step; `goal`, `share` of the best of those UARs; `labels_needed`, where
    the strategy's mean curve first reaches the goal (NaN: never); `saved`, how many fewer than
    strategy "random" (0.3 = 30 %; NaN without one), of which `saved_is_least` says that random
    never got there, so that the saving is at least this. `area` is the mean height of the curves
    of UAR, `gain` how much it is over random's, pair by pair of seeds, with its 95 % interval
    `gain_low`, `gain_high`; `start` is the mean UAR at the first step, `start_gain` with `_low` and
    `_high` its lead on random's. `full`, the UAR with all labels by seed, gives `labels_90` and
    `labels_95`, where the mean curve first reaches those shares of it.
    """
    means = {
        strategy: mean_curve(curve[curve["strategy"] == strategy], "uar")
        for strategy in dict.fromkeys(curve["strategy"])
    }
    goal = share * max(mean["mean"].iloc[-1] for mean in means.values())
    rows = []
    for strategy, mean in means.items():
        own = curve[curve["strategy"] == strategy]
        end = mean.iloc[-1]
        row = {"strategy": strategy, "n_seeds": own["seed"].nunique(), "goal": goal}
        row |= {"n_labels": int(end["n_labels"]), "labels_needed": _first(mean, goal)}
        row |= {"uar": end["mean"], "uar_low": end["low"], "uar_high": end["high"]}
        row |= {m: mean_curve(own, m)["mean"].iloc[-1] for m in ("macro_f1", "ece")}
        # Nothing is better than itself: random's own lead is left open.
        row |= _area(own, curve[curve["strategy"] == "random"] if strategy != "random" else None)
        for reached in (90, 95):
            goal_of_full = reached / 100 * np.mean(list(full.values())) if full else np.nan
            row[f"labels_{reached}"] = labels_to_reach(
                mean["n_labels"], mean["mean"], float(goal_of_full)
            )
        rows.append(row)
    return _with_savings(pd.DataFrame(rows))


def pairs(curve: pd.DataFrame) -> pd.DataFrame:
    """Every strategy against every other: strategy, other, n_seeds, and `gain`, how much higher the
    area under its curves of UAR is, pair by pair of seeds, with its 95 % interval `low`, `high`."""
    areas = {name: _areas(curve[curve["strategy"] == name]) for name in curve["strategy"].unique()}
    rows = []
    for name, own in areas.items():
        for other, theirs in areas.items():
            both = own.index.intersection(theirs.index)
            if name == other or not len(both):
                continue
            gap = paired_difference(own[both], theirs[both])
            rows.append((name, other, gap.n_pairs, gap.mean, gap.low, gap.high))
    return pd.DataFrame(rows, columns=["strategy", "other", "n_seeds", "gain", "low", "high"])


def _areas(own: pd.DataFrame) -> "pd.Series[float]":
    """The area under a strategy's curve of UAR by seed."""
    of_seed = own.groupby("seed")
    return pd.Series({seed: area_under_curve(g["n_labels"], g["uar"]) for seed, g in of_seed})


def _starts(own: pd.DataFrame) -> "pd.Series[float]":
    """UAR at the first step by seed."""
    return own.sort_values("n_labels").groupby("seed")["uar"].first()


def _area(own: pd.DataFrame, random: pd.DataFrame | None) -> dict[str, float]:
    """The mean area under a strategy's curves and its mean start, and their leads on random's."""
    found: dict[str, float] = {}
    for name, gain, figure in (("area", "gain", _areas), ("start", "start_gain", _starts)):
        ours = figure(own)
        found |= {name: float(ours.mean()), gain: np.nan}
        found |= {f"{gain}_low": np.nan, f"{gain}_high": np.nan}
        if random is None:
            continue
        theirs = figure(random)
        both = ours.index.intersection(theirs.index)
        if len(both):
            gap = paired_difference(ours[both], theirs[both])
            found |= {gain: gap.mean, f"{gain}_low": gap.low, f"{gain}_high": gap.high}
    return found


def _first(mean: pd.DataFrame, goal: float) -> float:
    """Labels at which a mean curve first reaches the goal, on a straight line between points."""
    reached = np.flatnonzero(mean["mean"] >= goal)
    if not len(reached):
        return float("nan")
    at = int(reached[0])
    before = max(at - 1, 0)
    return float(
        np.interp(goal, mean["mean"].iloc[[before, at]], mean["n_labels"].iloc[[before, at]])
    )


def _with_savings(table: pd.DataFrame) -> pd.DataFrame:
    random = table[table["strategy"] == "random"]
    if random.empty:
        return table.assign(saved=np.nan, saved_is_least=False)
    needed = random["labels_needed"].iloc[0]
    never = bool(np.isnan(needed))
    saved = 1 - table["labels_needed"] / (random["n_labels"].iloc[0] if never else needed)
    return table.assign(saved=saved, saved_is_least=never & saved.notna())

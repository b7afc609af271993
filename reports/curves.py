"""Simulated learning curves in figures: means over seeds, and labels saved against chance picks."""

import numpy as np
import pandas as pd
from scipy.special import stdtrit


def mean_curve(curve: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One strategy's curve over its seeds: n_labels, mean, low, high (95 % t interval), n_seeds.

    Only numbers of labels that most seeds reached are kept, for a mean over fewer would jump.
    With one seed low and high are NaN.
    """
    by = curve.groupby("n_labels")[metric]
    found = pd.DataFrame({"mean": by.mean(), "sd": by.std(), "n_seeds": by.count()})
    found = found[found["n_seeds"] == found["n_seeds"].max()].reset_index()
    n = found["n_seeds"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        half = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), 0.975) * found["sd"] / np.sqrt(n), np.nan)  # fmt: skip
    found["low"], found["high"] = found["mean"] - half, found["mean"] + half
    return found.drop(columns="sd")


def summarise(curve: pd.DataFrame, *, share: float = 0.95) -> pd.DataFrame:
    """A row a strategy: n_seeds, n_labels, the last uar, macro_f1 and ece, and what it saved.

    `labels_needed` is the mean (over the seeds that got there, `n_reached`) number of labels to
    reach `share` of the best last UAR of any strategy; `saved` compares it with strategy
    "random" (0.3 = 30 % fewer labels), NaN where either never got there. `uar_low` and
    `uar_high` bound the mean of the last UAR (95 % t interval).
    """
    last = curve.sort_values("n_labels").groupby(["strategy", "seed"], sort=False).last()
    goal = share * last["uar"].groupby(level="strategy").mean().max()
    reached = curve[curve["uar"] >= goal].groupby(["strategy", "seed"])["n_labels"].min()
    rows = []
    for strategy in dict.fromkeys(curve["strategy"]):
        ends = last.loc[strategy]
        needed = reached[reached.index.get_level_values("strategy") == strategy]
        whole = mean_curve(curve[curve["strategy"] == strategy], "uar").iloc[-1]
        rows.append(
            {
                "strategy": strategy,
                "n_seeds": len(ends),
                "n_labels": int(ends["n_labels"].max()),
                "uar": ends["uar"].mean(),
                "uar_low": whole["low"],
                "uar_high": whole["high"],
                "macro_f1": ends["macro_f1"].mean(),
                "ece": ends["ece"].mean(),
                "labels_needed": needed.mean() if len(needed) else np.nan,
                "n_reached": len(needed),
            }
        )
    table = pd.DataFrame(rows)
    plain = table.loc[table["strategy"] == "random", "labels_needed"]
    table["saved"] = 1 - table["labels_needed"] / plain.iloc[0] if len(plain) else np.nan
    return table

"""The report of a simulation: which way of choosing clips learns most from fewest labels."""

from collections.abc import Mapping, Sequence

import pandas as pd

from reports import curves, plots
from reports.pages import page, pictures

_METRICS = ("uar", "macro_f1", "ece")


def render(
    curve: pd.DataFrame,
    summary: pd.DataFrame | None = None,
    *,
    title: str = "Simulated labelling",
    data_note: str = "",
    synthetic: bool = False,
    next_commands: Sequence[tuple[str, str]] = (),
    paths: Mapping[str, str] | None = None,
) -> str:
    """The report as one HTML text that needs nothing from anywhere else.

    `curve` has columns strategy, seed, n_labels, uar, macro_f1, ece, a row a step; `summary` is
    as `reports.curves.summarise` makes it from the curve, which is done here if it is not given.
    Raises ValueError for a curve that lacks a column or has no row.
    """
    missing = [name for name in ("strategy", "seed", "n_labels", *_METRICS) if name not in curve]
    if missing or curve.empty:
        what = f"lacks the column {missing[0]!r}" if missing else "has no row"
        raise ValueError(f"the simulated curve {what}; there is nothing to report")
    table = curves.summarise(curve) if summary is None else summary
    return page(
        "simulation.html",
        title=title,
        data_note=data_note,
        synthetic=synthetic,
        rows=table.sort_values("uar", ascending=False).to_dict("records"),
        plots=pictures(
            plots.simulation_curve(curve, "uar"),
            *_by_time(curve),
            *(plots.simulation_curve(curve, metric) for metric in _METRICS[1:]),
        ),
        n_seeds=curve["seed"].nunique(),
        pairs=_pairs(curve, table),
        next_commands=list(next_commands),
        paths=dict(paths or {}),
    )


def _pairs(curve: pd.DataFrame, table: pd.DataFrame) -> list[dict[str, object]]:
    """A row a strategy, the best first: its lead on each other one, in the same order."""
    names = table.sort_values("area", ascending=False)["strategy"].tolist()
    found = curves.pairs(curve).set_index(["strategy", "other"])
    rows = []
    for name in names if len(names) > 1 else ():
        leads = [found.loc[(name, one)] if (name, one) in found.index else None for one in names]
        rows.append({"strategy": name, "leads": leads})
    return rows


def _by_time(curve: pd.DataFrame) -> list[plots.Plot]:
    if "minutes" not in curve or curve["minutes"].isna().any():
        return []
    return [plots.simulation_curve(curve, "uar", by="minutes")]

"""The report of the bench: what each labelling function is worth, with clips to listen to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from reports import plots
from reports.pages import page, pictures, playable
from reports.plots.functions import borne_out, likeness


@dataclass(frozen=True)
class FunctionReport:
    """What the page shows; the tables are those of `rounds.function_bench.Checked`.

    `sounds` are audio sources by segment id.
    """

    functions: pd.DataFrame
    values: pd.DataFrame
    to_hear: pd.DataFrame
    pairs: pd.DataFrame
    n_segments: int
    n_speakers: int
    yardstick: str
    problems: list[str] = field(default_factory=list)
    sounds: Mapping[str, str] = field(default_factory=dict)
    title: str = "Labelling functions"


def render(report: FunctionReport) -> str:
    """The report as one HTML text that needs nothing from anywhere else."""
    functions = report.functions
    groups = [
        {
            "dimension": dimension,
            "rows": rows.reset_index(names="function").to_dict("records"),
            "plots": pictures(*_plots(report, str(dimension))),
        }
        for dimension, rows in functions.groupby("on", sort=False)
    ]
    return page(
        "functions.html",
        report=report,
        groups=groups,
        details=[_detail(report, str(name)) for name in functions.index],
    )


def _plots(report: FunctionReport, dimension: str) -> list[plots.Plot | None]:
    sources = report.functions.rename(
        columns={
            "on": "dimension",
            "Coverage": "coverage",
            "Overlaps": "overlaps",
            "Conflicts": "conflicts",
            "estimated": "accuracy",
            "estimated_low": "low",
            "estimated_high": "high",
        }
    )
    sources = sources.assign(source=sources.index, kind="function")
    return [
        borne_out(report.functions, dimension),
        plots.weak_sources(sources, dimension),
        plots.disagreement(sources, dimension),
        likeness(report.pairs, dimension),
    ]


def _detail(report: FunctionReport, name: str) -> dict[str, Any]:
    hear = _rows_of(report.to_hear, name)
    for row in hear:
        row["audio"] = playable(report.sounds.get(row["segment_id"]))
        row["truth"] = row["truth"] if isinstance(row["truth"], str) else None
    about = report.functions.loc[name].to_dict()
    return {"name": name, **about, "values": _rows_of(report.values, name), "hear": hear}


def _rows_of(frame: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    return frame[frame["function"] == name].to_dict("records") if len(frame) else []

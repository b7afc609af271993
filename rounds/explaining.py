"""Why a segment is labelled as it is: every vote on it and what that vote contributed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import db.segments
from labeling_functions.machinery.analysis import class_names
from models.explaining import explain, join
from rounds.artifacts import Json
from rounds.votes import read_votes
from rounds.workbench import Labelled
from rounds.workspace import Workspace


@dataclass(frozen=True)
class Explained:
    """One segment on one dimension.

    `votes`: a row a vote: `source`, `version`, `says`, `log_odds` (what it adds to the log-odds
    of `winner` against `runner_up`) and a column a class (log-odds against all classes' mean).
    `prior_log_odds` is what the classes' shares add before any vote. `proba`: by class, what the
    label model makes of the votes; `label`: by class (emotion) or mean and sd (a scale), the soft
    label, after calibration; `joined_by` says how that came about.
    """

    segment_id: str
    dimension: str
    votes: pd.DataFrame
    winner: str
    runner_up: str
    prior_log_odds: float
    proba: dict[str, float]
    label: dict[str, float]
    joined_by: str


def explain_segment(workspace: Workspace, labelled: Labelled, key: str) -> list[Explained]:
    """Every dimension that somebody voted on, `emotion` first and always.

    `key` is a segment's id, or the path or name of its file. Raises ValueError for a key that
    names no segment, or several, or one that is not in the pool.
    """
    segment_id = _segment(workspace, key)
    pool = labelled.snapshot.frame("pool")["segment_id"].to_numpy()
    rows = np.flatnonzero(pool == segment_id)
    if not len(rows):
        raise ValueError(f"segment {segment_id} is not in the pool (cut up, or without consent)")
    item = int(rows[0])
    frame = labelled.votes.frame()
    on_it = frame[frame["item"] == item]
    label = labelled.soft.frame().iloc[item]
    out = []
    for dimension, votes in read_votes(frame, workspace, len(pool)).items():
        if dimension != "emotion" and not (on_it["dimension"] == dimension).any():
            continue
        functions = [name for name in votes.sources if name.startswith("function:")]
        joined = join(votes, functions, class_balance=workspace.scheme.shares(dimension))
        said = explain(joined, item)
        names = class_names(dimension, workspace.scheme)
        versions = on_it[on_it["dimension"] == dimension].set_index("source")["version"]
        sources = [votes.sources[s] for s in votes.source[said.vote]]
        values = [votes.vocabulary[v] for v in votes.value[said.vote]]
        table = pd.DataFrame(
            {
                "source": sources,
                "version": [str(versions[[name]].iloc[-1]) for name in sources],
                "says": ["|".join(names[c] for c in sorted(value)) for value in values],
                "log_odds": said.log_odds(),
                **{name: said.contributions[:, c] for c, name in enumerate(names)},
            }
        )
        ratio = said.prior[said.winner] / said.prior[said.runner_up]
        report = _by(labelled.soft.report[dimension], sources)
        out.append(
            Explained(
                segment_id=segment_id,
                dimension=dimension,
                votes=table.sort_values("log_odds", ascending=False, ignore_index=True),
                winner=names[said.winner],
                runner_up=names[said.runner_up],
                prior_log_odds=float(np.log(ratio)),
                proba=dict(zip(names, said.proba.tolist(), strict=True)),
                label=_label(label, dimension, names),
                joined_by=f"{report['winner']}, {report['calibrator']}: {report['why']}",
            )
        )
    return out


def _by(report: Json, sources: list[str]) -> Json:
    """What made the label of a segment that these sources voted on: ratings have a model apart."""
    rated = report.get("ratings") and any(name.startswith("crowd:") for name in sources)
    return report["ratings"] if rated else report


def _label(row: Any, dimension: str, names: tuple[str, ...]) -> dict[str, float]:
    if dimension == "emotion":
        return {name: float(row[f"p_{name}"]) for name in names}
    return {part: float(row[f"{dimension}_{part}"]) for part in ("mean", "sd")}


def _segment(workspace: Workspace, key: str) -> str:
    with workspace.reading() as tx:
        found = db.segments.resolve_items(tx, [key])
    if key in found:
        return found[key]
    if key in found.ambiguous:
        raise ValueError(f"{key!r} names {found.ambiguous[key]} segments; give one segment's id")
    raise ValueError(f"{key!r} is no segment's id, nor the path or name of a file in the records")

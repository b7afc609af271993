"""Gather what a round's report shows."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import db.champions
import db.quarantine
import db.rounds
import db.segments
from db.records import Round
from reports.images import png
from reports.round_report import HeldOut, RoundReport, render, round_plots
from rounds.artifacts import Json, Made, get
from rounds.evaluation import reference_of
from rounds.snapshot import gold_of
from rounds.workspace import Workspace

_MOST_PLAYERS = 12
_LARGEST_SOUND = 400_000


def gather(
    workspace: Workspace,
    results: dict[str, Json],
    metrics: dict[str, Any],
    *,
    title: str,
    synthetic: bool = False,
    data_note: str = "",
    next_commands: Sequence[tuple[str, str]] = (),
    paths: dict[str, str] | None = None,
) -> RoundReport:
    """The report of a round from the results of its steps (`db.rounds.results`) and its row."""
    frozen = get(workspace, *results["votes"]["snapshot"])
    said = get(workspace, *results["score"]["artifact"]).frame()
    with workspace.reading() as tx:
        earlier = [r for r in db.rounds.list_rounds(tx) if r.number < metrics["round"]]
        quarantine = db.quarantine.list_entries(tx)
        champion = db.champions.list_moves(tx)
    return RoundReport(
        title=title,
        classes=workspace.scheme.classes,
        rounds=[*(dict(r.metrics) for r in earlier if r.metrics), metrics],
        synthetic=synthetic,
        data_note=data_note,
        scales=workspace.scheme.scales,
        sources=_sources(results),
        label_model={
            d: results["label"][d] for d in workspace.scheme.dimensions if d in results["label"]
        },
        held_out=held_out(workspace, frozen, said),
        pool=said,
        soft=get(workspace, *results["label"]["artifact"]).frame(),
        batch=_batch(workspace, frozen, results) if "select" in results else None,
        champion=[{"round": m.round_number, **vars_of(m)} for m in champion],
        quarantine=[{"uri": q.uri, "where": q.where, "reason": q.reason} for q in quarantine],
        problems=[*results["votes"]["problems"], *results["votes"].get("notes", [])],
        next_commands=list(next_commands),
        paths=paths or {},
    )


def vars_of(record: Any) -> dict[str, Any]:
    """A record's fields by name."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def held_out(workspace: Workspace, frozen: Made, said: pd.DataFrame) -> HeldOut | None:
    """What the model said of held-out speakers, beside reference labels or else expert gold."""
    pool = frozen.frame("pool").set_index("segment_id")
    said = said.set_index("segment_id")
    truth, yardstick = reference_of(workspace)[0], "reference labels of held-out speakers"
    where = said.index.intersection(pool.index[pool["split"] == "held_out"])
    if not len(where.intersection(truth.dropna().index)):
        truth = pd.Series(gold_of(workspace, frozen)[0], dtype=float)
        yardstick = "expert gold on the random slices of held-out speakers"
    where = where.intersection(truth.dropna().index)
    if not len(where):
        return None
    return HeldOut(
        yardstick=yardstick,
        truth=truth[where].to_numpy(dtype=np.int64),
        proba=said.loc[where, [f"p_{name}" for name in workspace.scheme.classes]].to_numpy(),
        n_speakers=int(pool.loc[where, "speaker_id"].nunique()),
    )


def _sources(results: dict[str, Json]) -> pd.DataFrame:
    """Each source's votes (as they were cast) beside what the label model thinks of it."""
    rows = []
    for dimension, cast in results["votes"]["sources"].items():
        rated = results["label"].get(dimension, {}).get("sources", {})
        for row in cast:
            found = rated.get(row["source"], {})
            rows.append({"dimension": dimension, **row, **found})
    frame = pd.DataFrame(rows)
    if len(frame):
        frame = frame.rename(columns={"accuracy_low": "low", "accuracy_high": "high"})
        frame["kind"] = frame["source"].str.partition(":")[0]
    return frame


def _batch(workspace: Workspace, frozen: Made, results: dict[str, Json]) -> pd.DataFrame:
    batch = get(workspace, *results["select"]["artifact"]).frame()
    pool = frozen.frame("pool").set_index("segment_id")
    about = pool.loc[batch["segment_id"]]
    batch["speaker"] = about["speaker_id"].to_numpy()
    batch["duration_s"] = (about["end_s"] - about["start_s"]).to_numpy()
    batch["audio"] = [
        _sound(Path(path)) if i < _MOST_PLAYERS else None for i, path in enumerate(about["path"])
    ]
    return batch


def _sound(path: Path) -> str | None:
    kinds = {".wav": "wav", ".flac": "flac", ".ogg": "ogg", ".opus": "ogg", ".mp3": "mpeg"}
    kind = kinds.get(path.suffix.lower())
    if kind is None or not path.is_file() or path.stat().st_size > _LARGEST_SOUND:
        return None
    return f"data:audio/{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def write_report(
    workspace: Workspace,
    number: int,
    results: dict[str, Json],
    metrics: dict[str, Any],
    path: Path | None = None,
    *,
    pictures: Path | None = None,
    **shown: Any,
) -> Path:
    """Write a round's report as HTML (default: into the data folder); returns where.

    Its plots go into the folder `pictures` as PNG files, where one is given. `shown` goes to
    `gather`. Raises ValueError when a file cannot be written.
    """
    path = path or workspace.artifacts.parent / "reports" / f"round-{number}.html"
    shown = {"title": f"Round {number}", "next_commands": next_commands(number), **shown}
    report = gather(workspace, results, metrics, **shown)
    plots = round_plots(report)
    text = render(report, plots)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for plot in plots.values() if pictures else ():
            if plot is not None:
                (pictures / f"{plot.name}.png").write_bytes(png(plot.figure))
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from error
    return path


def finished(workspace: Workspace, number: int | None = None) -> Round:
    """A finished round (default: the last). Raises ValueError when there is no such round."""
    with workspace.reading() as tx:
        done = {r.number: r for r in db.rounds.list_rounds(tx) if r.state == "done"}
    if not done:
        raise ValueError("no round is finished yet; `undertone round` runs one")
    wanted = max(done) if number is None else number
    if wanted not in done:
        raise ValueError(f"round {wanted} is not finished (finished: {min(done)} to {max(done)})")
    return done[wanted]


def next_commands(number: int) -> list[tuple[str, str]]:
    """What to type after a round."""
    batch = f"round-{number}"
    return [
        (f"undertone batch show {batch}", "what an expert should hear next, and why"),
        (f"undertone batch export {batch} --out {batch}.csv", "the batch as a table to fill in"),
        (f"undertone batch import {batch}.csv --annotator NAME", "the judgements back in"),
        ("undertone round", "the next round, on what was learnt"),
    ]

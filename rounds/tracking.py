"""What a round leaves in MLflow: one run, a nested run a stage, the registered model."""

from typing import Any

import numpy as np

from corpora.remote import is_url, public
from db.records import Round
from rounds import inputs
from rounds.artifacts import Json, Made
from rounds.training import load_model
from rounds.workspace import Workspace


def track(workspace: Workspace, round_: Round, earlier: dict[str, Json]) -> str:
    """Open (or find again) the round's run and log each finished stage under it."""
    tracker = workspace.tracker()
    sources = round_.params.get("sources", ())
    asked = {**round_.params, "sources": [public(s) if is_url(s) else s for s in sources]}
    run_id = tracker.open_round(
        # Several workspaces may share a server: the time a round began tells them apart.
        f"round-{round_.number} begun {round_.started_at.isoformat()}",
        {"round": round_.number, **asked, "scheme": workspace.scheme.digest},
        name=f"round-{round_.number}",
    )
    for stage, result in earlier.items():
        figures = flat(result)
        tracker.log_stage(
            run_id,
            stage,
            {name: value for name, value in figures.items() if isinstance(value, str)},
            {name: value for name, value in figures.items() if isinstance(value, float)},
        )
    return run_id


def track_model(workspace: Workspace, run_id: str, model: Made, snapshot: Made) -> str:
    """Log and register the round's model, once; returns its version."""
    read = inputs.of(workspace, snapshot.frame("pool"))
    example = read.raw[read.known][:3]
    return workspace.tracker().log_model(run_id, load_model(model), example)


def finish(workspace: Workspace, run_id: str, metrics: dict[str, Any], files: list[Any]) -> None:
    """Log the round's row of figures and its pictures, and close the run."""
    tracker = workspace.tracker()
    tracker.log_metrics(run_id, {k: v for k, v in flat(metrics).items() if isinstance(v, float)})
    tracker.log_files(run_id, files)
    tracker.finish(run_id)


def flat(result: Json, prefix: str = "") -> dict[str, float | str]:
    """Nested results as one level, `a.b` -> number or short text; lists and long text left out."""
    out: dict[str, float | str] = {}
    for name, value in result.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            out |= flat(value, f"{key}.")
        elif isinstance(value, bool | int | float | np.number):
            out[key] = float(value)
        elif isinstance(value, str) and len(value) < 200:
            out[key] = value
        elif (
            isinstance(value, list | tuple) and len(value) == 2 and name in {"artifact", "snapshot"}
        ):
            out[key] = str(value[1])
    return out

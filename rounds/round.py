"""A round: its steps, in order, each recorded once it counts."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import db.rounds
from db.errors import DatabaseError
from db.records import Round
from rounds import (
    evaluation,
    features,
    opinions,
    pool,
    scoring,
    selection,
    snapshot,
    soft_labels,
    training,
    votes,
)
from rounds.artifacts import Json, Made, get
from rounds.champion import contest
from rounds.ingest import ingest
from rounds.plan import RoundPlan
from rounds.prospects import of_round
from rounds.publishing import publish
from rounds.reporting import write_report
from rounds.tracking import finish, track, track_model
from rounds.workspace import Progress, Workspace, silent


@dataclass(frozen=True)
class Step:
    """What a step has to work with: the workspace, its round, and what earlier steps returned."""

    workspace: Workspace
    round: Round
    plan: RoundPlan
    earlier: dict[str, Json]
    n_workers: int = 1
    map_chunks: features.MapChunks | None = None
    progress: Progress = silent

    def made(self, name: str) -> Made:
        """The artifact that an earlier step named in its result."""
        return get(self.workspace, *self.earlier[name]["artifact"])


def begin(workspace: Workspace, plan: RoundPlan, *, follows: datetime | None = None) -> Round:
    """The unfinished round, if there is one (with the plan it began with), else the next.

    `follows` is the Turn's: a round that was finished since then, by a process that was killed
    before it could say so, is said again rather than followed by another.
    """
    if not plan.sources:
        pool.check_speech(workspace)
    with workspace.writing() as tx:
        last = db.rounds.list_rounds(tx)[-1:]
        if follows and last and last[0].finished_at and last[0].finished_at >= follows:
            return last[0]
        return db.rounds.begin_round(tx, seed=plan.seed, params=asdict(plan))


def plan_of(round_: Round) -> RoundPlan:
    """The plan that a round began with."""
    params = dict(round_.params)
    return RoundPlan(**{**params, "sources": tuple(params.get("sources", ()))})


def run_step(
    workspace: Workspace,
    round_number: int,
    name: str,
    *,
    n_workers: int = 1,
    map_chunks: features.MapChunks | None = None,
    progress: Progress = silent,
) -> Json:
    """Do one step of a round, or say again what it gave if it was done before."""
    with workspace.reading() as tx:
        round_ = db.rounds.get(tx, round_number)
        earlier = db.rounds.results(tx, round_number)
    if name in earlier:
        return earlier[name]
    began = time.monotonic()
    step = Step(workspace, round_, plan_of(round_), earlier, n_workers, map_chunks, progress)
    try:
        result = STEPS[name](step)
    except DatabaseError:
        raise
    except ValueError:
        # What it was given will not do. Once that is put right the round must see it; but from
        # `track` on MLflow has been told what it was given.
        if list(STEPS).index(name) < list(STEPS).index("track"):
            with workspace.writing() as tx:
                db.rounds.rewind(tx, round_number)
        raise
    with workspace.writing() as tx:
        db.rounds.record_step(
            tx, round_number, name, result=result, seconds=time.monotonic() - began
        )
        if name == LAST:
            db.rounds.finish_round(tx, round_number, metrics=result["metrics"])
    return result


def _pull(step: Step) -> Json:
    pulled = [
        asdict(ingest(step.workspace, source, n_workers=step.n_workers, progress=step.progress))
        for source in step.plan.sources
    ]
    pool.check_speech(step.workspace)
    return {"sources": pulled}


def _features(step: Step) -> Json:
    features.compute(
        step.workspace,
        n_workers=step.n_workers,
        map_chunks=step.map_chunks,
        progress=step.progress,
    )
    # How the pool stands, not what this process did: it is the same after a kill.
    found = features.standing(step.workspace)
    if not found["n_with_features"]:
        raise ValueError(
            f"none of {found['n_segments']} segments could be read; `undertone quarantine list` "
            "says why"
        )
    return found


def _votes(step: Step) -> Json:
    frozen = snapshot.take(step.workspace)
    made = votes.cast(step.workspace, frozen)
    return {
        "artifact": (votes.KIND, made.id),
        "snapshot": (snapshot.KIND, frozen.id),
        "snapshot_report": frozen.report,
        **made.report,
    }


def _label(step: Step) -> Json:
    made = soft_labels.estimate(
        step.workspace, _snapshot(step), step.made("votes"), seed=step.round.seed
    )
    return {"artifact": (soft_labels.KIND, made.id), **made.report}


def _train(step: Step) -> Json:
    made = training.fit(
        step.workspace,
        _snapshot(step),
        step.made("label"),
        seed=step.round.seed,
        progress=step.progress,
    )
    return {"artifact": (training.KIND, made.id), **made.report}


def _score(step: Step) -> Json:
    made = scoring.score(step.workspace, _snapshot(step), step.made("train"))
    figures = evaluation.evaluate(step.workspace, _snapshot(step), step.made("label"), made)
    return {"artifact": (scoring.KIND, made.id), "figures": figures, **made.report}


def _track(step: Step) -> Json:
    run_id = track(step.workspace, step.round, step.earlier)
    version = track_model(step.workspace, run_id, step.made("train"), _snapshot(step))
    verdict = contest(
        step.workspace,
        _snapshot(step),
        step.made("train"),
        version,
        round_number=step.round.number,
    )
    return {"run_id": run_id, "version": version, "champion": verdict}


def _select(step: Step) -> Json:
    plan, round_ = step.plan, step.round
    made = selection.choose(
        step.workspace,
        _snapshot(step),
        step.made("train"),
        selection.Asked.of(plan, round_.seed + round_.number),
        soft=step.made("label"),
        votes=step.made("votes"),
    )
    return {"artifact": (selection.KIND, made.id), **made.report}


def _publish(step: Step) -> Json:
    selected, soft = step.made("select"), step.made("label")
    settled = opinions.settle(step.workspace, _snapshot(step), soft, step.plan.settled)
    batch = publish(step.workspace, step.round.number, selected, overlap=step.plan.overlap)
    return {"batch": batch, "settled": settled}


def _report(step: Step) -> Json:
    metrics = summary(step)
    with TemporaryDirectory() as folder:
        pictures = Path(folder)
        path = write_report(
            step.workspace, step.round.number, step.earlier, metrics, pictures=pictures
        )
        files = [path, *sorted(pictures.iterdir())]
        finish(step.workspace, step.earlier["track"]["run_id"], metrics, files)
    return {"path": str(path), "metrics": metrics}


def _snapshot(step: Step) -> Made:
    return get(step.workspace, *step.earlier["votes"]["snapshot"])


def summary(step: Step) -> dict[str, Any]:
    """The round in one flat row: what the table in the terminal and the report show."""
    figures = step.earlier["score"]["figures"]
    row: dict[str, Any] = {
        "round": step.round.number,
        "n_segments": step.earlier["votes"]["snapshot_report"]["n_segments"],
        "n_judgements": step.earlier["votes"]["snapshot_report"]["n_judgements"],
        "n_bought": step.earlier["votes"]["snapshot_report"]["n_expert_judgements"],
        "n_gold": step.earlier["train"]["n_gold"],
        "weak_coverage": step.earlier["label"]["emotion"]["coverage"],
        "n_functions": step.earlier["votes"]["n_functions"],
        "champion_moved": step.earlier["track"]["champion"]["moved"],
        "version": step.earlier["track"]["version"],
        "problems": step.earlier["votes"]["problems"],
        "notes": step.earlier["votes"].get("notes", []),
    }
    for yardstick, found in figures.items():
        row |= {f"{yardstick}.{name}": value for name, value in found.items()}
    said, each_s = step.made("score").frame(), step.plan.handling_s
    row |= of_round(step.workspace, _snapshot(step), row, said, handling_s=each_s)
    settled = step.earlier["publish"].get("settled", [])
    row["notes"] = [*row["notes"], *settled, *filter(None, [row.get("prospect")])]
    return row


STEPS: dict[str, Callable[[Step], Json]] = {
    "pull": _pull,
    "features": _features,
    "votes": _votes,
    "label": _label,
    "train": _train,
    "score": _score,
    "track": _track,
    "select": _select,
    "publish": _publish,
    "report": _report,
}
LAST = "report"

"""One round as a Prefect flow: a task a step. The steps themselves are rounds.round's."""

from datetime import datetime
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.states import Completed

from config.opening import open_workspace, round_plan
from config.settings import Settings
from flows.compute_features import compute_features, task_runner
from flows.holding import one_round_at_a_time
from flows.progress import Progress
from flows.trying_again import TRIES, may_pass
from rounds.due import NotDue
from rounds.round import STEPS, begin, run_step
from rounds.turn import RoundBusy

SKIPPED = "Skipped"
"""The name of the (completed) state of a round that had no turn, or nothing to do."""

_STEP_S = 12 * 3600
_RECORDS_S = 600


@task(name="begin", timeout_seconds=_RECORDS_S, retry_condition_fn=may_pass, **TRIES)
def begin_round(home: str, overrides: dict[str, Any], follows: datetime | None) -> int:
    """The number of the round to work on: the unfinished one, or the next."""
    settings = Settings(home=home)
    return begin(open_workspace(settings), round_plan(settings, overrides), follows=follows).number


@task(
    name="step",
    task_run_name="{name} of round {number}",
    timeout_seconds=_STEP_S,
    retry_condition_fn=may_pass,
    **TRIES,
)
def do_step(home: str, number: int, name: str) -> dict[str, Any]:
    """Do one step of a round, unless it was done before."""
    settings = Settings(home=home)
    workspace = open_workspace(settings)
    with Progress() as progress:
        return run_step(workspace, number, name, n_workers=settings.n_workers, progress=progress)


@task(name="show-result")
def show_result(number: int, metrics: dict[str, Any]) -> None:
    """The round's row as a table on Prefect's artifacts page."""
    rows = [{"what": name, "value": value} for name, value in metrics.items()]
    create_table_artifact(rows, key="round-result", description=f"Round {number}")


@flow(name="round", flow_run_name="round in {home}", validate_parameters=False)
def run_round(
    home: str = ".", overrides: dict[str, Any] | None = None, only_if_due: bool = False
) -> Any:
    """Run (or resume) one round in the workspace at `home`; returns its row of figures.

    `overrides` replaces parts of the plan that the settings give (seed, batch_size, batch_minutes,
    quotas, floors, strategy, evaluation_share, sources, …); a resumed round keeps the plan it
    began with. While another round works, and with `only_if_due` when there is nothing new, the
    run ends as "Skipped".
    """
    settings = Settings(home=home)
    workspace = open_workspace(settings)
    try:
        ttl_s = settings.round_lock_ttl_s
        with one_round_at_a_time(workspace, ttl_s, only_if_due=only_if_due) as turn:
            number = begin_round(home, overrides or {}, turn.follows)
            return _do_steps(home, settings, number)
    except (RoundBusy, NotDue) as reason:
        return Completed(name=SKIPPED, message=str(reason))


def _do_steps(home: str, settings: Settings, number: int) -> dict[str, Any]:
    results = {}
    for name in STEPS:
        if name == "features":
            compute_features.with_options(task_runner=task_runner(settings))(home)
        results[name] = do_step.with_options(name=name)(home, number, name)
    metrics: dict[str, Any] = results["report"]["metrics"]
    show_result(number, metrics)
    return metrics

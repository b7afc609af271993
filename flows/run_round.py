"""One round as a Prefect flow: a task a step. The steps themselves are rounds.round's."""

from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact

from config.opening import open_workspace, round_plan
from config.settings import Settings
from flows.compute_features import compute_features, task_runner
from flows.holding import one_round_at_a_time
from flows.progress import Progress
from rounds.round import STEPS, begin, run_step


@task(name="begin")
def begin_round(home: str, overrides: dict[str, Any]) -> int:
    """The number of the round to work on: the unfinished one, or the next."""
    settings = Settings(home=home)
    return begin(open_workspace(settings), round_plan(settings, overrides)).number


@task(name="step", retries=1, retry_delay_seconds=2)
def do_step(home: str, number: int, name: str) -> dict[str, Any]:
    """Do one step of a round, unless it was done before."""
    settings = Settings(home=home)
    return run_step(
        open_workspace(settings), number, name, n_workers=settings.n_workers, progress=Progress()
    )


@task(name="show-result")
def show_result(number: int, metrics: dict[str, Any]) -> None:
    """The round's row as a table on Prefect's artifacts page."""
    rows = [{"what": name, "value": value} for name, value in metrics.items()]
    create_table_artifact(rows, key="round-result", description=f"Round {number}")


@flow(name="round", flow_run_name="round in {home}", validate_parameters=False)
def run_round(home: str = ".", overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run (or resume) one round in the workspace at `home`; returns its row of figures.

    `overrides` replaces parts of the plan that the settings give (seed, batch_size, strategy,
    evaluation_share, sources); a resumed round keeps the plan it began with.
    """
    settings = Settings(home=home)
    with one_round_at_a_time(open_workspace(settings), settings.round_lock_ttl_s):
        number = begin_round(home, overrides or {})
        results = {}
        for name in STEPS:
            if name == "features":
                compute_features.with_options(task_runner=task_runner(settings))(home)
            step = do_step.with_options(name=name, task_run_name=f"{name} of round {number}")
            results[name] = step(home, number, name)
        metrics: dict[str, Any] = results["report"]["metrics"]
        show_result(number, metrics)
    return metrics

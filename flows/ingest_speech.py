"""Pull new speech as a Prefect flow: the nightly ingest."""

from dataclasses import asdict
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact

from config.masking import masked
from config.opening import open_workspace, round_plan
from config.settings import Settings
from flows.compute_features import compute_features, task_runner
from flows.progress import Progress
from flows.trying_again import TRIES, may_pass
from rounds.ingest import ingest

_SOURCE_S = 12 * 3600
_SHOWN = 50


@task(
    name="ingest",
    task_run_name="ingest source {number}",
    timeout_seconds=_SOURCE_S,
    retry_condition_fn=may_pass,
    **TRIES,
)
def ingest_source(home: str, number: int, sources: list[str] | None = None) -> dict[str, Any]:
    """Read one source into the records: the one of this number of those given or of the settings.

    By number, for what a task is given is shown, and a source may hold a password.
    """
    settings = Settings(home=home)
    source = sources_of(settings, sources)[number - 1]
    with Progress() as progress:
        report = ingest(
            open_workspace(settings), source, n_workers=settings.n_workers, progress=progress
        )
    return {**asdict(report), "source": masked(report.source)}


@task(name="show-result")
def show_result(reports: list[dict[str, Any]]) -> None:
    """What came in, and what was refused and why, as tables on Prefect's artifacts page."""
    counts = [
        {name: value for name, value in report.items() if not isinstance(value, list)}
        for report in reports
    ]
    refused = [
        {"uri": uri, "where": where, "reason": reason}
        for report in reports
        for uri, where, reason in report["quarantined"]
    ]
    create_table_artifact(counts, key="ingest-result", description="What came in")
    create_table_artifact(
        refused[:_SHOWN],
        key="ingest-quarantine",
        description=f"{len(refused)} refused (`undertone quarantine list` shows all)",
    )


@flow(name="ingest", flow_run_name="ingest into {home}", validate_parameters=False)
def ingest_speech(home: str = ".", sources: list[str] | None = None) -> list[dict[str, Any]]:
    """Read the sources (default: those of the settings) and compute the features of what is new."""
    settings = Settings(home=home)
    n_sources = len(sources_of(settings, sources))
    reports = [ingest_source(home, number, sources) for number in range(1, n_sources + 1)]
    compute_features.with_options(task_runner=task_runner(settings))(home)
    show_result(reports)
    return reports


def sources_of(settings: Settings, sources: list[str] | None) -> tuple[str, ...]:
    """The sources given, else those of the settings, passwords and all."""
    return round_plan(settings, {"sources": sources} if sources else None).sources

"""Pull new speech as a Prefect flow: the nightly ingest."""

from dataclasses import asdict
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact

from config.opening import open_workspace
from config.settings import Settings
from flows.compute_features import compute_features, task_runner
from flows.progress import Progress
from rounds.ingest import ingest


@task(name="ingest", retries=1, retry_delay_seconds=5)
def ingest_source(home: str, source: str) -> dict[str, Any]:
    """Read one source into the records."""
    settings = Settings(home=home)
    return asdict(
        ingest(
            open_workspace(settings), source, n_workers=settings.n_workers, progress=Progress()
        )
    )


@flow(name="ingest", flow_run_name="ingest into {home}", validate_parameters=False)
def ingest_speech(home: str = ".", sources: list[str] | None = None) -> list[dict[str, Any]]:
    """Read the sources (default: those of the settings) and compute the features of what is new."""
    settings = Settings(home=home)
    reports = [ingest_source(home, source) for source in sources or settings.sources]
    compute_features.with_options(task_runner=task_runner(settings))(home)
    rows = [{name: value for name, value in r.items() if not isinstance(value, list)} for r in reports]
    create_table_artifact(rows, key="ingest-result", description="What came in")
    return reports

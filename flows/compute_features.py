"""Acoustic features as a Prefect flow: chunks on processes here, or on a Dask cluster."""

import os
from typing import Any

from prefect import flow, task
from prefect.futures import as_completed
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner

from config.opening import open_workspace
from config.settings import Settings
from flows.progress import Progress
from flows.trying_again import TRIES, may_pass
from rounds import features
from rounds.worker_life import die_with_parent

_CHUNK_S = 1800  # a chunk is 16 to 256 segments: seconds, minutes on a slow disk
_RECORDS_S = 600


@task(name="plan-chunks", timeout_seconds=_RECORDS_S, retry_condition_fn=may_pass, **TRIES)
def plan_chunks(home: str) -> list[features.Chunk]:
    """Which segments have no features yet, in chunks."""
    settings = Settings(home=home)
    return features.plan(open_workspace(settings), settings.n_workers)


@task(
    name="extract-chunk",
    task_run_name="extract {chunk.target.stem}",
    timeout_seconds=_CHUNK_S,
    retry_condition_fn=may_pass,
    **TRIES,
)
def extract_chunk(chunk: features.Chunk) -> features.Extracted:
    """Compute one chunk's features into its file."""
    return features.extract_chunk(chunk)


@task(
    name="record-chunk",
    task_run_name="record {extracted.target.stem}",
    timeout_seconds=_RECORDS_S,
    retry_condition_fn=may_pass,
    **TRIES,
)
def record_chunk(home: str, extracted: features.Extracted) -> int:
    """Make a computed chunk count."""
    features.record(open_workspace(Settings(home=home)), extracted)
    return extracted.n_rows + len(extracted.failures)


@flow(name="features", flow_run_name="features in {home}", validate_parameters=False)
def compute_features(home: str) -> int:
    """Compute what is missing; returns how many segments were worked on."""
    chunks = plan_chunks(home)
    total = sum(len(chunk.rows) for chunk in chunks)
    done = 0
    with Progress() as progress:
        progress("features", done, total)
        for future in as_completed(list(extract_chunk.map(chunks))):
            done += record_chunk(home, future.result())
            progress("features", done, total)
    return done


def task_runner(settings: Settings) -> TaskRunner[Any]:
    """Where chunks run: a Dask cluster where one is configured, else processes of this machine.

    Raises ValueError when a Dask cluster is configured and prefect-dask is not installed.
    """
    if settings.dask_scheduler:
        try:
            from prefect_dask import DaskTaskRunner
        except ImportError as error:
            raise ValueError(
                f"dask_scheduler = {settings.dask_scheduler!r}: Dask is not installed "
                "(pip install 'undertone[dask]')"
            ) from error
        return DaskTaskRunner(address=settings.dask_scheduler)
    return ProcessPoolTaskRunner(
        max_workers=settings.n_workers,
        initializer=die_with_parent,
        initargs=(os.getpid(),),
    )

"""Acoustic features as a Prefect flow: chunks on processes here, or on a Dask cluster."""

import os
from typing import Any

from prefect import flow, task
from prefect.futures import as_completed
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner

from config.opening import open_workspace
from config.settings import Settings
from flows.progress import Progress
from rounds import features


@task(name="plan-chunks")
def plan_chunks(home: str) -> list[features.Chunk]:
    """Which segments have no features yet, in chunks."""
    settings = Settings(home=home)
    return features.plan(open_workspace(settings), settings.n_workers)


@task(name="extract-chunk", retries=2, retry_delay_seconds=1)
def extract_chunk(chunk: features.Chunk) -> features.Extracted:
    """Compute one chunk's features into its file."""
    return features.extract_chunk(chunk)


@task(name="record-chunk")
def record_chunk(home: str, extracted: features.Extracted) -> int:
    """Make a computed chunk count."""
    features.record(open_workspace(Settings(home=home)), extracted)
    return extracted.n_rows + len(extracted.failures)


@flow(name="features", validate_parameters=False)
def compute_features(home: str) -> int:
    """Compute what is missing; returns how many segments were worked on."""
    progress = Progress()
    chunks = plan_chunks(home)
    total = sum(len(chunk.rows) for chunk in chunks)
    done = 0
    progress("features", done, total)
    for future in as_completed(list(extract_chunk.map(chunks))):
        done += record_chunk(home, future.result())
        progress("features", done, total)
    return done


def task_runner(settings: Settings) -> TaskRunner[Any]:
    """Where chunks run: a Dask cluster where one is configured, else processes of this machine."""
    if settings.dask_scheduler:
        from prefect_dask import DaskTaskRunner

        return DaskTaskRunner(address=settings.dask_scheduler)
    return ProcessPoolTaskRunner(
        max_workers=settings.n_workers,
        initializer=features.die_with_parent,
        initargs=(os.getpid(),),
    )

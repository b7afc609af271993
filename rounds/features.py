"""Acoustic features of every segment: computed once, in chunks, in worker processes."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyarrow.dataset import dataset

import db.artifacts
import db.quarantine
from audio.front_ends import OWN, FrontEndSpec
from audio.front_ends.choosing import resolve
from audio.vocabulary import FEATURE_VERSION
from rounds import pool
from rounds.artifacts import digest
from rounds.durable import beside, clear_leftovers, sync, sync_folder
from rounds.worker_life import die_with_parent
from rounds.workspace import Progress, Workspace, silent

KIND = "features"

_WHERE = "features"

SHORT_S, CONTEXT_S = 1.0, 0.5
"""A segment shorter than this (a phone, a word) is heard with as much around it on either side."""


@dataclass(frozen=True)
class Chunk:
    """A few segments whose features are computed together: picklable, and pure to compute.

    `rows` are (segment id, path of the sound, start in s, end in s); `target` is the Parquet
    file that holds the outcome; `front_end` computes it.
    """

    rows: tuple[tuple[str, str, float, float], ...]
    target: Path
    front_end: FrontEndSpec = OWN


@dataclass(frozen=True)
class Extracted:
    """What became of a chunk: its file, how many rows, and (segment id, reason) of failures.

    `version` is that of the front end that computed it.
    """

    target: Path
    n_rows: int
    failures: tuple[tuple[str, str], ...]
    version: str = FEATURE_VERSION


MapChunks = Callable[[Sequence[Chunk]], Iterable[Extracted]]


def plan(workspace: Workspace, n_workers: int = 1) -> list[Chunk]:
    """The chunks that are still to compute: segments without features of today's version.

    Undertone's own features, and those of the workspace's front end where that is another.
    Raises FrontEndError where it cannot be had.
    """
    segments = pool.read(workspace)[["segment_id", "path", "start_s", "end_s"]]
    chunks: list[Chunk] = []
    for spec in dict.fromkeys((OWN, workspace.front_end)):
        done = stored_ids(workspace, spec)
        todo = segments[~segments["segment_id"].isin(done)]
        if len(todo):
            resolve(spec).prepare()
        rows = list(todo.itertuples(index=False, name=None))
        chunks += _chunks(workspace, spec, rows, n_workers)
    _release(workspace, {f"segment:{row[0]}" for chunk in chunks for row in chunk.rows})
    return chunks


def _chunks(
    workspace: Workspace,
    spec: FrontEndSpec,
    rows: list[tuple[str, str, float, float]],
    n_workers: int,
) -> list[Chunk]:
    size = int(np.clip(len(rows) // (8 * max(n_workers, 1)), 16, 256))
    folder = workspace.artifacts / KIND / resolve(spec).version
    folder.mkdir(parents=True, exist_ok=True)
    clear_leftovers(folder)
    return [
        Chunk(part, folder / f"{digest([row[0] for row in part])}.parquet", spec)
        for part in (tuple(rows[i : i + size]) for i in range(0, len(rows), size))
    ]


def _release(workspace: Workspace, still_wanted: set[str]) -> None:
    """Close what is in quarantine and nobody wants features of any more."""
    with workspace.reading() as tx:
        moot = [one for one in _refused(tx) if one[0] not in still_wanted]
    if moot:
        with workspace.writing() as tx:
            db.quarantine.resolve(tx, moot)


def extract_chunk(chunk: Chunk) -> Extracted:
    """Compute one chunk and write its file (whole or not at all). Safe to run twice.

    A segment whose sound cannot be read any more is left out and named.
    """
    import torch

    from audio.decoding import AudioError, read

    torch.set_num_threads(1)
    front = resolve(chunk.front_end)
    ids, sounds, failures = [], [], []
    parts: dict[int, NDArray[np.float32]] = {}
    for segment_id, path, start_s, end_s in chunk.rows:
        try:
            if chunk.front_end == OWN and end_s - start_s < SHORT_S:
                part = _in_context(Path(path), start_s, end_s)
                if part is not None:
                    parts[len(ids)] = part
            sounds.append(read(Path(path), start_s, end_s))
            ids.append(segment_id)
        except (AudioError, OSError) as error:
            failures.append((segment_id, f"{path} {error}"))
    values = front.extract_many(sounds)
    for row, part in parts.items():
        values[row] = part
    frame = pd.DataFrame(values, columns=list(front.names), dtype=np.float32)
    frame.insert(0, "segment_id", pd.Series(ids, dtype=object))
    making = beside(chunk.target)
    frame.to_parquet(making, index=False, compression="zstd")
    sync(making)
    making.replace(chunk.target)
    sync_folder(chunk.target.parent)
    return Extracted(chunk.target, len(ids), tuple(failures), front.version)


def _in_context(path: Path, start_s: float, end_s: float) -> NDArray[np.float32] | None:
    """The features of a short part of a recording, heard among what surrounds it.

    None where nothing does, or where it is too short to be heard at all.
    """
    from audio.decoding import SAMPLE_RATE_HZ, read
    from audio.windows import SHORTEST_S, extract

    first_s = max(0.0, start_s - CONTEXT_S)
    sound = read(path, first_s, end_s + CONTEXT_S)
    heard_s = len(sound) / SAMPLE_RATE_HZ
    last_s = min(end_s - first_s, heard_s)
    is_whole = heard_s <= end_s - start_s + 1 / SAMPLE_RATE_HZ
    if is_whole or last_s - (start_s - first_s) < SHORTEST_S:
        return None
    return extract(sound, [(start_s - first_s, last_s)])[0]


def record(workspace: Workspace, extracted: Extracted) -> None:
    """Make a computed chunk count, and put segments that could not be read into quarantine."""
    with workspace.writing() as tx:
        db.artifacts.register(
            tx,
            id=digest(KIND, extracted.version, extracted.target.stem),
            kind=KIND,
            version=extracted.version,
            path=f"{KIND}/{extracted.version}/{extracted.target.name}",
            n_rows=extracted.n_rows,
            made_from={"segments": extracted.target.stem},
        )
        for segment_id, reason in extracted.failures:
            db.quarantine.quarantine(tx, f"segment:{segment_id}", _WHERE, reason)
        refused = {uri for uri, _ in _refused(tx)}
        if refused:
            came = pd.read_parquet(extracted.target, columns=["segment_id"])["segment_id"]
            right = refused & {f"segment:{segment_id}" for segment_id in came}
            db.quarantine.resolve(tx, [(uri, _WHERE) for uri in right])


def _refused(tx: Any) -> list[tuple[str, str]]:
    """What is in quarantine for its features' sake."""
    entries = db.quarantine.list_entries(tx)
    return [(one.uri, one.where) for one in entries if one.where == _WHERE]


def compute(
    workspace: Workspace,
    *,
    n_workers: int = 1,
    map_chunks: MapChunks | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Compute what is missing; `map_chunks` says where the chunks run (default: processes here).

    Returns counts: segments computed now, failures, chunks, seconds.
    """
    began = time.monotonic()
    chunks = plan(workspace, n_workers)
    total = sum(len(chunk.rows) for chunk in chunks)
    run = map_chunks or (lambda todo: on_processes(todo, n_workers))
    done = failed = 0
    progress("features", 0, total)
    for extracted in run(chunks):
        record(workspace, extracted)
        done += extracted.n_rows
        failed += len(extracted.failures)
        progress("features", done + failed, total)
    return {
        "n_computed": done,
        "n_failed": failed,
        "n_chunks": len(chunks),
        "seconds": round(time.monotonic() - began, 2),
        "feature_version": resolve(workspace.front_end).version,
    }


def standing(workspace: Workspace) -> dict[str, Any]:
    """How many segments the pool has, and how many of them have features that a model can read."""
    wanted = pool.read(workspace)["segment_id"]
    return {
        "n_segments": len(wanted),
        "n_with_features": int(wanted.isin(stored_ids(workspace, workspace.front_end)).sum()),
        "feature_version": resolve(workspace.front_end).version,
    }


def on_processes(chunks: Sequence[Chunk], n_workers: int) -> Iterator[Extracted]:
    """Run chunks on `n_workers` processes of this machine, in the order they finish."""
    if not chunks:
        return
    if n_workers <= 1 or len(chunks) == 1:
        yield from map(extract_chunk, chunks)
        return
    with ProcessPoolExecutor(
        min(n_workers, len(chunks)),
        mp_context=get_context("spawn"),  # a fork of a process with threads may never wake up
        initializer=die_with_parent,
        initargs=(os.getpid(),),
    ) as processes:
        for future in as_completed([processes.submit(extract_chunk, chunk) for chunk in chunks]):
            yield future.result()


def load(
    workspace: Workspace, segment_ids: Sequence[str], front_end: FrontEndSpec = OWN
) -> pd.DataFrame:
    """Features of these segments: index segment_id, one float32 column a feature name.

    Segments without features are left out; the order is that of `segment_ids`.
    """
    parts = [pd.read_parquet(file) for file in _stored_files(workspace, front_end)]
    if not parts:
        return pd.DataFrame(
            columns=list(resolve(front_end).names),
            index=pd.Index([], name="segment_id"),
            dtype=np.float32,
        )
    table = pd.concat(parts, ignore_index=True).drop_duplicates("segment_id")
    table = table.set_index("segment_id")
    row = table.index.get_indexer(pd.Index(segment_ids))
    return table.take(row[row >= 0])


def stored_ids(workspace: Workspace, front_end: FrontEndSpec = OWN) -> set[str]:
    """Segments that have features of today's version."""
    files = _stored_files(workspace, front_end)
    if not files:
        return set()
    found = dataset(files, format="parquet").to_table(columns=["segment_id"])
    return set(found["segment_id"].to_pylist())


def _stored_files(workspace: Workspace, front_end: FrontEndSpec) -> list[str]:
    with workspace.reading() as tx:
        rows = db.artifacts.find(tx, KIND, version=resolve(front_end).version)
    files = sorted(workspace.artifacts / row.path for row in rows)
    return [str(file) for file in files if file.exists()]

"""A labelled corpus straight from its source: features and reference labels, without records."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import corpora.source
from audio.front_ends import OWN, FrontEndSpec
from audio.front_ends.choosing import resolve
from corpora.entries import Entry, Rejected
from db.segments import NO_CONSENT
from labels.scheme import Scheme
from rounds.artifacts import digest
from rounds.corpus_tracks import read_tracks
from rounds.durable import beside
from rounds.worker_life import die_with_parent
from rounds.workspace import Progress, silent

LONGEST_S = 60.0
"""Of a stretch longer than this the first 60 s are heard."""

GROUPS = ("gender", "language", "dialect", "style", "age", "corpus")
_ABOUT = ("speaker", "gender", "age", "language", "dialect", "style")


@dataclass(frozen=True)
class Corpus:
    """n segments of a source that have features and a reference label.

    `about` has a row a segment: uri, path, start_s, end_s (NaN: the whole), corpus, speaker_id and
    what is known of the speaker. `emotions` (n,) are names of the scheme, finer ones included, ""
    where none was given; `ratings` (n, s) the scales', NaN where not known. `refused` holds what
    could not be used as (what, where, why). `tracks`, where asked for, are those of each segment.
    """

    source: str
    features: NDArray[np.float64]
    about: pd.DataFrame
    emotions: NDArray[np.str_]
    ratings: NDArray[np.float64]
    scales: tuple[str, ...]
    refused: tuple[tuple[str, str, str], ...]
    n_read: int
    n_unlabelled: int
    notes: tuple[str, ...]
    front_end: FrontEndSpec = OWN
    tracks: tuple[NDArray[np.float16], ...] | None = None

    @property
    def speakers(self) -> list[str]:
        """Who speaks in each segment; a recording with no speaker is a speaker of its own."""
        return [str(name) for name in self.about["speaker_id"]]

    def rows(self, chosen: NDArray[Any]) -> "Corpus":
        """Some of its segments alone."""
        at = np.arange(len(self.about))[chosen]
        return replace(
            self,
            features=self.features[chosen],
            about=self.about.iloc[at].reset_index(drop=True),
            tracks=None if self.tracks is None else tuple(self.tracks[i] for i in at),
            emotions=self.emotions[chosen],
            ratings=self.ratings[chosen],
        )


def read_corpus(
    source: str,
    scheme: Scheme,
    *,
    folder: Path,
    n_workers: int = 1,
    front_end: FrontEndSpec = OWN,
    with_tracks: bool = False,
    progress: Progress = silent,
) -> Corpus:
    """All labelled segments of anything that `ingest` reads, `with_tracks` with what they are over
    time.

    Features are kept in `folder`, by file (its size and time), stretch and feature version, so
    that a second reading is quick. What cannot be read is named in `refused`, the rest goes on.
    Raises ValueError where the source is wrong or nothing in it is labelled.
    """
    reading = corpora.source.read(source, scheme, cache_dir=folder / "downloads")
    entries, refused, n_read = [], [], 0
    for item in reading:
        n_read += 1
        if n_read % 200 == 0:
            progress("read", n_read, 0)
        if isinstance(item, Rejected):
            refused.append((item.uri, item.where, item.reason))
        elif (item.metadata.consent or "").strip().lower() in NO_CONSENT:
            refused.append((item.uri, item.where, "consent was refused"))
        else:
            entries.append(item)
    labelled = [one for one in entries if one.labels]
    if not labelled:
        why = f"; the first of {len(refused)} refused: {refused[0][2]}" if refused else ""
        raise ValueError(
            f"{source} has no labelled segments to evaluate on{why}; labels come with "
            "EMO-DB, nEMO, or a manifest's columns (docs/data.md)"
        )
    table, failed = _features(labelled, folder, front_end, n_workers, progress)
    for one in labelled:
        reason = failed.get(_key(one))
        if reason is not None:
            refused.append((one.uri, one.where, reason))
    used = [one for one in labelled if _key(one) in table]
    if not used:
        raise ValueError(f"no labelled segment of {source} could be read: {refused[-1][2]}")
    scales = tuple(scale.name for scale in scheme.scales)
    tracks = None
    if with_tracks:
        parts = [
            (_key(one), str(one.path), *_stretch(*(one.segment or (0.0, None)))) for one in used
        ]
        tracks = tuple(read_tracks(parts, folder=folder, n_workers=n_workers, progress=progress))
    return Corpus(
        source=source,
        features=np.array([table[_key(one)] for one in used], dtype=np.float64),
        about=pd.DataFrame([_about(one) for one in used]),
        emotions=np.array(
            [
                scheme.resolve(one.labels["emotion"]) if "emotion" in one.labels else ""
                for one in used
            ]
        ),
        ratings=np.array(
            [[float(one.labels.get(name, "nan")) for name in scales] for one in used], dtype=float
        ).reshape(len(used), len(scales)),
        scales=scales,
        refused=tuple(refused),
        n_read=n_read,
        n_unlabelled=len(entries) - len(labelled),
        notes=tuple(reading.notes),
        front_end=front_end,
        tracks=tracks,
    )


def _about(entry: Entry) -> dict[str, Any]:
    start_s, end_s = entry.segment or (np.nan, np.nan)
    name = entry.metadata.speaker
    speaker_id = f"{entry.corpus}/{name}" if name is not None else f"recording:{entry.uri}"
    told = {field: getattr(entry.metadata, field) for field in _ABOUT}
    place = {"uri": entry.uri, "path": str(entry.path), "start_s": start_s, "end_s": end_s}
    return {**place, "corpus": entry.corpus, "speaker_id": speaker_id, **told}


def _key(entry: Entry) -> str:
    try:
        now = entry.path.stat()
        stamp = (now.st_size, now.st_mtime_ns)
    except OSError:
        stamp = (0, 0)
    return digest(str(entry.path), *stamp, *(entry.segment or ()))


def _features(
    entries: Sequence[Entry],
    folder: Path,
    front_end: FrontEndSpec,
    n_workers: int,
    progress: Progress,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    """(features by key, reasons by key of what could not be read)."""
    front = resolve(front_end)
    kept = folder / "features" / front.version
    kept.mkdir(parents=True, exist_ok=True)
    wanted = {_key(one): one for one in entries}
    table = _kept(kept, set(wanted), front.names)
    if len(table) < len(wanted):
        front.prepare()
    todo = [
        (key, str(one.path), *(one.segment or (0.0, None)))
        for key, one in wanted.items()
        if key not in table
    ]
    failed: dict[str, str] = {}
    progress("features", len(table), len(wanted))
    for found, reasons in _mapped(todo, front_end, n_workers):
        table |= found
        failed |= reasons
        progress("features", len(table) + len(failed), len(wanted))
        if found:
            _keep(kept, found, front.names)
    return table, failed


def _kept(folder: Path, wanted: set[str], names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    table: dict[str, NDArray[np.float32]] = {}
    for file in sorted(folder.glob("*.parquet")):
        try:
            frame = pd.read_parquet(file)
        except (OSError, ValueError):  # a file that was damaged is made again
            continue
        if list(frame.columns[1:]) != list(names):
            continue
        values = frame.iloc[:, 1:].to_numpy(dtype=np.float32)
        table |= {key: values[i] for i, key in enumerate(frame["key"]) if key in wanted}
    return table


def _keep(folder: Path, found: dict[str, NDArray[np.float32]], names: Sequence[str]) -> None:
    frame = pd.DataFrame(np.array(list(found.values())), columns=list(names))
    frame.insert(0, "key", list(found))
    target = folder / f"{digest(list(found))}.parquet"
    making = beside(target)
    frame.to_parquet(making, index=False, compression="zstd")
    making.replace(target)


def _stretch(start_s: float, end_s: float | None) -> tuple[float, float]:
    """What of a segment is heard."""
    last = start_s + LONGEST_S
    return start_s, last if end_s is None else min(end_s, last)


_Row = tuple[str, str, float, float | None]
_Outcome = tuple[dict[str, NDArray[np.float32]], dict[str, str]]


def _mapped(todo: Sequence[_Row], front_end: FrontEndSpec, n_workers: int) -> Iterator[_Outcome]:
    size = int(np.clip(len(todo) // (8 * max(n_workers, 1)), 8, 128))
    chunks = [todo[i : i + size] for i in range(0, len(todo), size)]
    if n_workers <= 1 or len(chunks) <= 1:
        yield from (extract_rows(chunk, front_end) for chunk in chunks)
        return
    with ProcessPoolExecutor(
        min(n_workers, len(chunks)),
        mp_context=get_context("spawn"),
        initializer=die_with_parent,
        initargs=(os.getpid(),),
    ) as processes:
        jobs = [processes.submit(extract_rows, chunk, front_end) for chunk in chunks]
        for future in as_completed(jobs):
            yield future.result()


def extract_rows(rows: Sequence[_Row], front_end: FrontEndSpec = OWN) -> _Outcome:
    """The features of (key, path, start in s, end in s or None), and why some have none."""
    import torch

    from audio.decoding import SILENCE, AudioError, read

    torch.set_num_threads(1)
    front = resolve(front_end)
    found: dict[str, NDArray[np.float32]] = {}
    failed: dict[str, str] = {}
    for key, path, start_s, end_s in rows:
        try:
            sound = read(Path(path), *_stretch(start_s, end_s))
            if float(np.ptp(sound)) / 2 < SILENCE:
                raise AudioError("is silent throughout")
            found[key] = front.extract_many([sound])[0]
        except (AudioError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            failed[key] = " ".join(str(reason).split())
    return found, failed

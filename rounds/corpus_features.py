"""The features of a corpus' segments, and of altered copies of them; kept by file and stretch."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audio.front_ends import OWN, FrontEndSpec
from audio.front_ends.choosing import resolve
from corpora.entries import Entry
from rounds.artifacts import digest
from rounds.durable import beside
from rounds.worker_pool import mapped
from rounds.workspace import Progress

LONGEST_S = 60.0
"""Of a stretch longer than this the first 60 s are heard."""

ALTERED = "altered1"
"""Names the altered copies that are kept, beside the features' version; another number where what
`audio.augmentation` does changes."""

_Row = tuple[str, str, float, float | None]
_Outcome = tuple[dict[str, NDArray[np.float32]], dict[str, str]]


def key_of(entry: Entry) -> str:
    """What an entry's features are kept by: its file as it is now, and its stretch."""
    try:
        now = entry.path.stat()
        stamp = (now.st_size, now.st_mtime_ns)
    except OSError:
        stamp = (0, 0)
    return digest(str(entry.path), *stamp, *(entry.segment or ()))


def features_of(
    entries: Sequence[Entry],
    folder: Path,
    front_end: FrontEndSpec,
    n_workers: int,
    progress: Progress,
    *,
    altered: bool = False,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    """(features by key, reasons by key of what could not be read).

    Of altered copies (`audio.augmentation`) where `altered` says so. Made where `folder` has them
    not.
    """
    front = resolve(front_end)
    kept = folder / "features" / (f"{front.version}-{ALTERED}" if altered else front.version)
    kept.mkdir(parents=True, exist_ok=True)
    wanted = {key_of(one): one for one in entries}
    table = _kept(kept, set(wanted), front.names)
    if len(table) < len(wanted):
        front.prepare()
    todo = [
        (key, str(one.path), *(one.segment or (0.0, None)))
        for key, one in wanted.items()
        if key not in table
    ]
    failed: dict[str, str] = {}
    what = "altered copies" if altered else "features"
    progress(what, len(table), len(wanted))
    for found, reasons in _mapped(todo, front_end, n_workers, altered):
        table |= found
        failed |= reasons
        progress(what, len(table) + len(failed), len(wanted))
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


def heard_stretch(start_s: float, end_s: float | None) -> tuple[float, float]:
    """What of a segment is heard."""
    last = start_s + LONGEST_S
    return start_s, last if end_s is None else min(end_s, last)


def _mapped(
    todo: Sequence[_Row], front_end: FrontEndSpec, n_workers: int, altered: bool
) -> Iterator[_Outcome]:
    size = int(np.clip(len(todo) // (8 * max(n_workers, 1)), 8, 128))
    chunks = [todo[i : i + size] for i in range(0, len(todo), size)]
    work = partial(extract_rows, front_end=front_end, altered=altered)
    return mapped(work, chunks, n_workers)


def extract_rows(
    rows: Sequence[_Row], front_end: FrontEndSpec = OWN, *, altered: bool = False
) -> _Outcome:
    """The features of (key, path, start in s, end in s or None), or of an altered copy of each,
    and why some have none."""
    import torch

    from audio import augmentation
    from audio.decoding import SILENCE, AudioError, read

    torch.set_num_threads(1)
    front = resolve(front_end)
    found: dict[str, NDArray[np.float32]] = {}
    failed: dict[str, str] = {}
    for key, path, start_s, end_s in rows:
        try:
            sound = read(Path(path), *heard_stretch(start_s, end_s))
            if float(np.ptp(sound)) / 2 < SILENCE:
                raise AudioError("is silent throughout")
            if altered:
                sound = augmentation.altered(sound)
            found[key] = front.extract_many([sound])[0]
        except (AudioError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            failed[key] = " ".join(str(reason).split())
    return found, failed

"""The tracks of a corpus' segments, for a network over frames; kept by file and stretch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audio.tracks import TRACKS, TRACKS_VERSION
from rounds.artifacts import digest
from rounds.durable import beside
from rounds.worker_pool import mapped
from rounds.workspace import Progress, silent

Part = tuple[str, str, float, float]
"""Key, path of the sound, start and end in s."""

_CHUNK = 64


def read_tracks(
    parts: Sequence[Part], *, folder: Path, n_workers: int = 1, progress: Progress = silent
) -> list[NDArray[np.float16]]:
    """The tracks (T, C) of each part, in order, made where `folder` has them not.

    Every part must be readable: its features were. Raises AudioError where one no longer is.
    """
    kept = folder / "tracks" / TRACKS_VERSION
    kept.mkdir(parents=True, exist_ok=True)
    wanted = {part[0]: part for part in parts}
    found = _kept(kept, set(wanted))
    todo = [part for key, part in wanted.items() if key not in found]
    progress("frames", len(found), len(wanted))
    chunks = [todo[i : i + _CHUNK] for i in range(0, len(todo), _CHUNK)]
    for made in mapped(extract_tracks, chunks, n_workers):
        _keep(kept, made)
        found |= made
        progress("frames", len(found), len(wanted))
    return [found[part[0]] for part in parts]


def _kept(folder: Path, wanted: set[str]) -> dict[str, NDArray[np.float16]]:
    found: dict[str, NDArray[np.float16]] = {}
    for file in sorted(folder.glob("*.parquet")):
        try:
            frame = pd.read_parquet(file)
        except (OSError, ValueError):  # a file that was damaged is made again
            continue
        for key, values in zip(frame["key"], frame["tracks"], strict=True):
            if key in wanted:
                found[key] = np.frombuffer(values, np.float16).reshape(-1, len(TRACKS))
    return found


def _keep(folder: Path, made: dict[str, NDArray[np.float16]]) -> None:
    frame = pd.DataFrame({"key": list(made), "tracks": [one.tobytes() for one in made.values()]})
    target = folder / f"{digest(list(made))}.parquet"
    making = beside(target)
    frame.to_parquet(making, index=False, compression="zstd")
    making.replace(target)


def extract_tracks(parts: Sequence[Part]) -> dict[str, NDArray[np.float16]]:
    """The tracks of some parts, by key."""
    import torch

    from audio.decoding import read
    from audio.descriptors import describe
    from audio.tracks import tracks

    torch.set_num_threads(1)
    return {key: tracks(describe(read(Path(path), a, b))) for key, path, a, b in parts}

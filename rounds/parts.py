"""Features of files and of parts of them, without records: clips, windows, frames, marks."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from audio.vocabulary import FEATURE_NAMES
from corpora import emodb_marks
from corpora.extensions import AUDIO, extension
from rounds.worker_life import die_with_parent

MARKED = {
    "phone": emodb_marks.phones,
    "syllable": emodb_marks.syllables,
    "word": emodb_marks.words,
}
PER = ("clip", "window", "frame", *MARKED)

_AHEAD = 64
"""Files that are under way at once: what is not written yet stays bounded."""


@dataclass(frozen=True)
class Wanted:
    """What of each file: one of PER; windows of `window_s`, `hop_s` apart."""

    per: str = "clip"
    window_s: float = 1.0
    hop_s: float = 0.25


@dataclass(frozen=True)
class Described:
    """A file's table, or why there is none.

    Columns: path, start_s, end_s, label (of marks, else empty), then the features by name, or
    the descriptors of frames. A mark shorter than two frames (20 ms) is passed over.
    """

    path: str
    table: pd.DataFrame | None
    reason: str = ""


def files_in(given: Sequence[Path]) -> list[Path]:
    """The files as they are, and of folders all sound below."""
    found: list[Path] = []
    for path in given:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [one for one in inside if not path.is_dir() or extension(one.name) in AUDIO]
    return found


def describe(files: Sequence[Path], wanted: Wanted, *, n_workers: int = 1) -> Iterator[Described]:
    """The table of each file, in the order given; a file that cannot be read says why.

    With several workers a bounded number of files is under way at once.
    """
    if n_workers <= 1 or len(files) <= 1:
        yield from (of_file(path, wanted) for path in files)
        return
    with ProcessPoolExecutor(
        min(n_workers, len(files)),
        mp_context=get_context("spawn"),
        initializer=die_with_parent,
        initargs=(os.getpid(),),
    ) as processes:
        waiting = iter(files)
        running = [processes.submit(of_file, path, wanted) for path in islice(waiting, _AHEAD)]
        while running:
            yield running.pop(0).result()
            running += [processes.submit(of_file, path, wanted) for path in islice(waiting, 1)]


def of_file(path: Path, wanted: Wanted) -> Described:
    """One file's table; pure but for reading it."""
    import torch

    from audio.decoding import AudioError, read

    torch.set_num_threads(1)
    try:
        table = _frames(read(path)) if wanted.per == "frame" else _parts(path, read(path), wanted)
    except (AudioError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Described(str(path), None, " ".join(str(reason).split()))
    table.insert(0, "path", str(path))
    return Described(str(path), table)


def _frames(sound: np.ndarray) -> pd.DataFrame:
    from audio.descriptors import DESCRIPTOR_NAMES, describe

    frames = describe(sound)
    table = pd.DataFrame(frames.values, columns=list(DESCRIPTOR_NAMES))
    return _placed(table, frames.time_s, frames.time_s, [""] * len(table))


def _parts(path: Path, sound: np.ndarray, wanted: Wanted) -> pd.DataFrame:
    from audio import features, windows
    from audio.decoding import SAMPLE_RATE_HZ

    duration_s = len(sound) / SAMPLE_RATE_HZ
    if wanted.per == "clip":
        values, spans, labels = features.extract(sound)[None], [(0.0, duration_s)], [""]
    elif wanted.per == "window":
        spans = windows.sliding(duration_s, length_s=wanted.window_s, hop_s=wanted.hop_s)
        values, labels = windows.extract(sound, spans), [""] * len(spans)
    else:
        marks = MARKED[wanted.per](path)
        if not marks:
            raise ValueError(f"has no {wanted.per} marks beside it (EMO-DB's lablaut/ and silb/)")
        inside = [one for one in marks if min(one.end_s, duration_s) - one.start_s >= 0.02]
        spans = [(one.start_s, min(one.end_s, duration_s)) for one in inside]
        values, labels = windows.extract(sound, spans), [one.label for one in inside]
    table = pd.DataFrame(values, columns=list(FEATURE_NAMES))
    starts, ends = np.array(spans).reshape(-1, 2).T
    return _placed(table, starts, ends, labels)


def _placed(
    table: pd.DataFrame, start_s: np.ndarray, end_s: np.ndarray, labels: Sequence[str]
) -> pd.DataFrame:
    places = {"start_s": start_s.round(4), "end_s": end_s.round(4)}
    place = pd.DataFrame(places | {"label": pd.Series(labels, dtype=str)})
    return pd.concat([place, table], axis=1)

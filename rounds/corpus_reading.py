"""A labelled corpus straight from its source: features and reference labels, without records."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import corpora.source
from audio.front_ends import OWN, FrontEndSpec
from corpora.entries import Entry, Rejected
from db.segments import NO_CONSENT
from labels.scheme import Scheme
from rounds.corpus_features import features_of, heard_stretch, key_of
from rounds.corpus_tracks import read_tracks
from rounds.workspace import Progress, silent

GROUPS = ("gender", "language", "dialect", "style", "age", "corpus")
_ABOUT = ("speaker", "gender", "age", "language", "dialect", "style")


@dataclass(frozen=True)
class Corpus:
    """n segments of a source that have features and a reference label.

    `about` has a row a segment: uri, path, start_s, end_s (NaN: the whole), corpus, speaker_id and
    what is known of the speaker. `emotions` (n,) are names of the scheme, finer ones included, ""
    where none was given; `ratings` (n, s) the scales', NaN where not known. `refused` holds what
    could not be used as (what, where, why). `tracks`, where asked for, are those of each segment,
    `altered` (n, d) the features of another recording of each (`audio.augmentation`).
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
    altered: NDArray[np.float64] | None = None

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
            altered=None if self.altered is None else self.altered[chosen],
        )


def read_corpus(
    source: str,
    scheme: Scheme,
    *,
    folder: Path,
    n_workers: int = 1,
    front_end: FrontEndSpec = OWN,
    with_tracks: bool = False,
    with_altered: bool = False,
    progress: Progress = silent,
) -> Corpus:
    """All labelled segments of anything that `ingest` reads.

    `with_tracks` with what they are over time, `with_altered` with the features of an altered copy
    of each, as another room, microphone or line would have given it.

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
    table, failed = features_of(labelled, folder, front_end, n_workers, progress)
    for one in labelled:
        reason = failed.get(key_of(one))
        if reason is not None:
            refused.append((one.uri, one.where, reason))
    used = [one for one in labelled if key_of(one) in table]
    if not used:
        raise ValueError(f"no labelled segment of {source} could be read: {refused[-1][2]}")
    scales = tuple(scale.name for scale in scheme.scales)
    tracks = None
    if with_tracks:
        parts = [
            (key_of(one), str(one.path), *heard_stretch(*(one.segment or (0.0, None))))
            for one in used
        ]
        tracks = tuple(read_tracks(parts, folder=folder, n_workers=n_workers, progress=progress))
    altered = None
    if with_altered:
        copies, gone = features_of(used, folder, front_end, n_workers, progress, altered=True)
        if gone:
            raise ValueError(
                f"a sound of {source} could be read no more: {next(iter(gone.values()))}"
            )
        altered = np.array([copies[key_of(one)] for one in used], dtype=np.float64)
    return Corpus(
        source=source,
        features=np.array([table[key_of(one)] for one in used], dtype=np.float64),
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
        altered=altered,
    )


def _about(entry: Entry) -> dict[str, Any]:
    start_s, end_s = entry.segment or (np.nan, np.nan)
    name = entry.metadata.speaker
    speaker_id = f"{entry.corpus}/{name}" if name is not None else f"recording:{entry.uri}"
    told = {field: getattr(entry.metadata, field) for field in _ABOUT}
    place = {"uri": entry.uri, "path": str(entry.path), "start_s": start_s, "end_s": end_s}
    return {**place, "corpus": entry.corpus, "speaker_id": speaker_id, **told}

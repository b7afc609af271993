"""What guides ask about a corpus' segments while a network over frames learns from them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.front_ends.choosing import resolve
from audio.tracks import N_JOINED
from corpora.emodb_marks import phone_frames
from models.frame_guides import RHYTHM, Guides
from rounds.corpus_reading import Corpus


def guides_of(corpus: Corpus) -> Guides:
    """Rhythm from the functionals, phones where the corpus has marked them (EMO-DB).

    `corpus` must have tracks.
    """
    names = resolve(corpus.front_end).names
    asked = [names.index(name) for name in RHYTHM if name in names]
    phones = [
        _phones(Path(row.path), row.start_s, len(one))  # type: ignore[arg-type]
        for row, one in zip(corpus.about.itertuples(), corpus.tracks or (), strict=True)
    ]
    is_marked = any((one >= 0).any() for one in phones)
    return Guides.of(corpus.features[:, asked], phones if is_marked else ())


def _phones(path: Path, start_s: float, n_rows: int) -> NDArray[np.int64]:
    """The phone class in the middle of each row of tracks, -1 where nothing is marked."""
    whole = np.isnan(start_s)
    found = phone_frames(path, n_rows * N_JOINED) if whole else None
    if found is None:
        return np.full(n_rows, -1, dtype=np.int64)
    return found[N_JOINED // 2 :: N_JOINED][:n_rows]

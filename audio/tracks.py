"""Tracks: a clip's descriptors as a network listens to them, 33 times a second.

A tenth of a megabyte for a minute of speech, and nothing in them but what the recording's gain
does not change.
"""

import numpy as np
from numpy.typing import NDArray

from audio.descriptors import DESCRIPTOR_NAMES, Frames
from audio.formants import N_FORMANTS
from audio.functionals import VOICE_NAMES
from audio.grid import HOP_S
from audio.meanings import SHAPES
from audio.spectrum import N_MELS

_MEL = tuple(f"log_mel_{k}_db" for k in range(1, N_MELS + 1))

TRACKS: tuple[str, ...] = (
    "f0_semitone",
    "periodicity",
    "is_voiced",
    "is_speech",
    "loudness_db",
    *SHAPES,
    *VOICE_NAMES,
    *(f"f{k}_frequency_hz" for k in range(1, N_FORMANTS + 1)),
    *_MEL,
)
"""Which descriptors, in order."""

MEL_TRACKS = slice(len(TRACKS) - N_MELS, len(TRACKS))
"""Where the mel bands stand, from low to high."""

LEVEL_TRACKS = tuple(TRACKS.index(name) for name in ("loudness_db", *_MEL))
"""Those in dB that go up and down with the recording's gain."""

TRACKS_VERSION = "1"

N_JOINED = 3
TRACK_HOP_S = N_JOINED * HOP_S
"""One row every 30 ms: the mean of three frames."""

_FLOOR_DB = -60.0

_COLUMNS = [DESCRIPTOR_NAMES.index(name) for name in TRACKS]
_LOUDNESS, _SPEECH = TRACKS.index("loudness_db"), TRACKS.index("is_speech")


def tracks(frames: Frames) -> NDArray[np.float16]:
    """The tracks (T, len(TRACKS)) of a clip's descriptors, row k of the 30 ms from k * 30 ms on.

    Levels are re the mean loudness of the clip's speech, and never below -60 dB of it. A value is
    the mean over the frames in which there was something to measure, NaN where there was in none.
    What is left over at the end, less than three frames, is not heard.
    """
    values = frames.values[:, _COLUMNS]
    speech = values[:, _SPEECH] > 0
    levels = values[:, LEVEL_TRACKS]
    if speech.any():
        levels = levels - values[speech, _LOUDNESS].mean()
    values[:, LEVEL_TRACKS] = np.maximum(levels, _FLOOR_DB)
    short = -len(values) % N_JOINED if len(values) < N_JOINED else 0
    values = np.pad(values, ((0, short), (0, 0)), mode="edge")
    parts = values[: len(values) // N_JOINED * N_JOINED].reshape(-1, N_JOINED, len(TRACKS))
    known = np.isfinite(parts)
    n_known = known.sum(axis=1)
    total = np.where(known, parts, 0.0).sum(axis=1)
    return np.where(n_known > 0, total / np.maximum(n_known, 1), np.nan).astype(np.float16)

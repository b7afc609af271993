"""Features: from a clip's waveform to named acoustic numbers that a person can read.

The chain is frames -> pitch, spectrum, voice, formants -> functionals; `vocabulary` says what
each means, `descriptors` gives the frames themselves.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audio import descriptors
from audio.analysis import Clip, analyse
from audio.decoding import SAMPLE_RATE_HZ
from audio.descriptors import Frames
from audio.functionals import functionals
from audio.vocabulary import (
    FEATURE_DEFINITIONS,
    FEATURE_NAMES,
    FEATURE_UNITS,
    FEATURE_VERSION,
)

__all__ = [
    "FEATURE_DEFINITIONS",
    "FEATURE_NAMES",
    "FEATURE_UNITS",
    "FEATURE_VERSION",
    "extract",
    "extract_many",
    "extract_with_frames",
]


def extract(
    waveform: NDArray[np.floating], sample_rate_hz: int = SAMPLE_RATE_HZ
) -> NDArray[np.float32]:
    """The features of a mono clip (n,), in the order of FEATURE_NAMES; (n_features,) float32.

    NaN where there is nothing to measure: the pitch of a clip without voice, everything but the
    duration of silence. Of the recording's gain only `loudness_db_mean` depends (by as many dB);
    a constant offset changes nothing. The same samples give the same bits, alone or among many.
    Raises ValueError for a waveform that is empty, not one-dimensional, or not finite.
    """
    return of_clip(analyse(waveform, sample_rate_hz), len(waveform) / sample_rate_hz)


def extract_with_frames(
    waveform: NDArray[np.floating], sample_rate_hz: int = SAMPLE_RATE_HZ
) -> tuple[NDArray[np.float32], Frames]:
    """What `extract` and `descriptors.describe` give of a clip, for the price of one of them."""
    clip, duration_s = analyse(waveform, sample_rate_hz), len(waveform) / sample_rate_hz
    return of_clip(clip, duration_s), descriptors.of_clip(clip, duration_s)


def of_clip(clip: Clip | None, duration_s: float) -> NDArray[np.float32]:
    """The features of an analysed clip; of silence that lasts `duration_s` where it is None."""
    found = np.full(len(FEATURE_NAMES), np.nan, dtype=np.float32)
    if clip is None:
        found[FEATURE_NAMES.index("duration_s")] = duration_s
        return found
    values = functionals(clip)
    found[:] = [values[name] for name in FEATURE_NAMES]
    return found


def extract_many(
    waveforms: Sequence[NDArray[np.floating]], sample_rate_hz: int = SAMPLE_RATE_HZ
) -> NDArray[np.float32]:
    """The features of many clips, (n, n_features) float32; a row is what `extract` gives."""
    found = np.empty((len(waveforms), len(FEATURE_NAMES)), dtype=np.float32)
    for row, waveform in enumerate(waveforms):
        found[row] = extract(waveform, sample_rate_hz)
    return found

"""Rhythm: stretches of voice, pauses and syllables, in counts a second."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.grid import HOP_S

_SPEECH_RANGE_DB = 35.0
_SHORTEST_PAUSE_S = 0.15
_SYLLABLE_RISE_DB = 3.0
_SYLLABLE_WINDOW = 9

MODULATION_BANDS_HZ = ((0.5, 2), (2, 4), (4, 8), (8, 16), (16, 25))
_MODULATION_FLOOR_DB = -40.0


@dataclass(frozen=True)
class Stretches:
    """Runs of consecutive True frames: `start` and `length` (n_runs,) in frames."""

    start: NDArray[np.int64]
    length: NDArray[np.int64]


def stretches(is_on: NDArray[np.bool_]) -> Stretches:
    """The runs of True in `is_on` (T,)."""
    edges = np.diff(is_on.astype(np.int8), prepend=0, append=0)
    start = np.flatnonzero(edges == 1)
    return Stretches(start, np.flatnonzero(edges == -1) - start)


def is_speech(loudness_db: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Frames within 35 dB of the loud ones (95th percentile): no pause, no silence around."""
    return loudness_db > np.percentile(loudness_db, 95) - _SPEECH_RANGE_DB


def pauses(speech: NDArray[np.bool_]) -> Stretches:
    """Runs of at least 0.15 s without speech, between the first frame of speech and the last."""
    on = np.flatnonzero(speech)
    if not len(on):
        return Stretches(on, on)
    gaps = stretches(~speech[on[0] : on[-1] + 1])
    is_long = gaps.length * HOP_S >= _SHORTEST_PAUSE_S
    return Stretches(gaps.start[is_long] + on[0], gaps.length[is_long])


def n_syllables(loudness_db: NDArray[np.float32], is_voiced: NDArray[np.bool_]) -> int:
    """Voiced peaks of smoothed loudness that rise at least 3 dB from the valleys beside them.

    Source: de Jong & Wempe 2009, Praat script to detect syllable nuclei.
    """
    if len(loudness_db) < _SYLLABLE_WINDOW:
        return 0
    kernel = np.hanning(_SYLLABLE_WINDOW + 2)[1:-1]
    floor = np.percentile(loudness_db, 95) - _SPEECH_RANGE_DB
    padded = np.pad(np.maximum(loudness_db, floor), _SYLLABLE_WINDOW // 2, mode="edge")
    smooth = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    turns = np.flatnonzero(np.diff(np.sign(np.diff(smooth))) != 0) + 1
    count, valley, peak, peak_at = 0, float(smooth[0]), -np.inf, 0
    for at in [*turns.tolist(), len(smooth) - 1]:
        level = float(smooth[at])
        if level > peak and level - valley >= _SYLLABLE_RISE_DB:
            peak, peak_at = level, at
        elif peak - level >= _SYLLABLE_RISE_DB:
            count += bool(is_voiced[max(0, peak_at - 2) : peak_at + 3].any())
            valley, peak = level, -np.inf
        elif peak == -np.inf:
            valley = min(valley, level)
    return count


def modulation_db(
    loudness_db: NDArray[np.float32], speech: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How much of loudness' coming and going falls into each of MODULATION_BANDS_HZ; (5,) dB.

    Each re the power of all of them together, from the first frame of speech to the last;
    syllables lie at 4 to 8 Hz, words and phrases below. NaN below a quarter of a second.
    """
    on = np.flatnonzero(speech)
    if not len(on) or on[-1] - on[0] < 0.25 / HOP_S:
        return np.full(len(MODULATION_BANDS_HZ), np.nan)
    course = loudness_db[on[0] : on[-1] + 1].astype(np.float64)
    course = np.maximum(course, np.percentile(loudness_db, 95) - _SPEECH_RANGE_DB)
    n_fft = max(1024, 1 << (len(course) - 1).bit_length())
    power = np.abs(np.fft.rfft((course - course.mean()) * np.hanning(len(course)), n_fft)) ** 2
    hz = np.fft.rfftfreq(n_fft, HOP_S)
    found = np.array([power[(hz >= a) & (hz < b)].sum() for a, b in MODULATION_BANDS_HZ])
    share = found / max(float(found.sum()), 1e-12)
    return 10 * np.log10(np.maximum(share, 10 ** (_MODULATION_FLOOR_DB / 10)))

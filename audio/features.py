"""Features: from a clip's waveform to named acoustic numbers that a person can read.

The chain is frames -> pitch, spectrum, voice -> functionals; `vocabulary` says what each means.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from audio import pitch, spectrum, voice
from audio.decoding import SAMPLE_RATE_HZ
from audio.functionals import Clip, functionals
from audio.resampling import resampled
from audio.vocabulary import DEFINITIONS

__all__ = [
    "FEATURE_DEFINITIONS",
    "FEATURE_NAMES",
    "FEATURE_UNITS",
    "FEATURE_VERSION",
    "extract",
    "extract_many",
]

FEATURE_VERSION = "2"
"""Changes whenever the same sound would give other numbers."""

FEATURE_NAMES: tuple[str, ...] = tuple(DEFINITIONS)
FEATURE_UNITS: dict[str, str] = {name: unit for name, (unit, _) in DEFINITIONS.items()}
FEATURE_DEFINITIONS: dict[str, str] = {name: what for name, (_, what) in DEFINITIONS.items()}


def extract(
    waveform: NDArray[np.floating], sample_rate_hz: int = SAMPLE_RATE_HZ
) -> NDArray[np.float32]:
    """The features of a mono clip (n,), in the order of FEATURE_NAMES; (n_features,) float32.

    NaN where there is nothing to measure: the pitch of a clip without voice, everything but the
    duration of silence. Of the recording's gain only `loudness_db_mean` depends (by as many dB);
    a constant offset changes nothing. The same samples give the same bits, alone or among many.
    Raises ValueError for a waveform that is empty, not one-dimensional, or not finite.
    """
    sound = np.asarray(waveform)
    if sound.ndim != 1 or not len(sound):
        raise ValueError(f"waveform has shape {sound.shape}; (n,) with n > 0 is expected")
    duration_s = len(sound) / sample_rate_hz
    highest = float(np.abs(sound).max())
    if not np.isfinite(highest):
        raise ValueError("waveform holds NaN or infinite samples")
    sound = sound - sound.mean(dtype=np.float64)
    peak = float(np.abs(sound).max())
    found = np.full(len(FEATURE_NAMES), np.nan, dtype=np.float32)
    if peak <= 1e-6 * highest:  # an offset alone, but for rounding
        found[FEATURE_NAMES.index("duration_s")] = duration_s
        return found
    scaled = (sound / peak).astype(np.float32)
    if sample_rate_hz != SAMPLE_RATE_HZ:
        scaled = np.concatenate(list(resampled([scaled], sample_rate_hz, SAMPLE_RATE_HZ)))
    values = functionals(_clip(scaled, duration_s, 20 * np.log10(peak)))
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


@torch.no_grad()
def _clip(scaled: NDArray[np.float32], duration_s: float, level_db: float) -> Clip:
    sound = torch.from_numpy(scaled)
    track = pitch.track(sound, SAMPLE_RATE_HZ)
    timbre = spectrum.describe(sound, SAMPLE_RATE_HZ)
    return Clip.of(duration_s, level_db, track, timbre, voice.describe(track))

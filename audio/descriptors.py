"""Descriptors: a clip frame by frame, as named numbers, for models that listen over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.analysis import Clip, analyse
from audio.decoding import SAMPLE_RATE_HZ
from audio.formants import N_FORMANTS
from audio.functionals import VOICE_NAMES
from audio.grid import HOP_S
from audio.meanings import MEANINGS, SHAPES
from audio.spectrum import N_MELS, N_MFCC

DESCRIPTORS: dict[str, tuple[str, str]] = {
    "f0_semitone": ("semitones re 27.5 Hz", "fundamental frequency"),
    "periodicity": ("", "share of the power that repeats from one period to the next"),
    "is_voiced": ("", "1 where the frame is voiced speech, 0 elsewhere"),
    "is_speech": ("", "1 where the frame is within 35 dB of the loud ones, 0 elsewhere"),
    "energy_db": ("dB re full scale", "mean square of the samples"),
    "loudness_db": ("dB re full scale", "A-weighted mean square"),
    **{name: MEANINGS[name] for name in (*SHAPES, *VOICE_NAMES)},
    **{f"f{k}_frequency_hz": ("Hz", f"formant {k}") for k in range(1, N_FORMANTS + 1)},
    **{
        f"f{k}_bandwidth_octaves": ("octaves re 1 Hz", f"bandwidth of formant {k}")
        for k in range(1, N_FORMANTS + 1)
    },
    **{f"mfcc{k}": ("", f"mel-frequency cepstral coefficient {k}") for k in range(1, N_MFCC + 1)},
    **{
        f"log_mel_{k}_db": ("dB re full scale", f"mel band {k} of {N_MELS} from 60 Hz to 8 kHz")
        for k in range(1, N_MELS + 1)
    },
}
"""Of every descriptor, in order: its unit ("" = none) and its meaning."""

DESCRIPTOR_NAMES: tuple[str, ...] = tuple(DESCRIPTORS)


@dataclass(frozen=True)
class Frames:
    """A clip's descriptors: `time_s` (T,) float64, the frames' centres; `values` (T, D) float32.

    Columns are DESCRIPTOR_NAMES. NaN where there is nothing to measure: pitch, voice quality and
    formants of a frame without voice. Levels are absolute (re full scale), so that they move with
    the gain of the recording; everything else does not.
    """

    time_s: NDArray[np.float64]
    values: NDArray[np.float32]


def describe(waveform: NDArray[np.floating], sample_rate_hz: int = SAMPLE_RATE_HZ) -> Frames:
    """The descriptors of a mono clip (n,), 100 frames a second, the first at 0 s.

    In silence everything is NaN but the flags, which are 0.
    Raises ValueError for a waveform that is empty, not one-dimensional, or not finite.
    """
    return of_clip(analyse(waveform, sample_rate_hz), len(waveform) / sample_rate_hz)


def of_clip(clip: Clip | None, duration_s: float) -> Frames:
    """The descriptors of an analysed clip; of silence that lasts `duration_s` where it is None."""
    if clip is None:
        n_frames = 1 + int(duration_s / HOP_S + 1e-6)
        values = np.full((n_frames, len(DESCRIPTOR_NAMES)), np.nan, dtype=np.float32)
        for name in ("is_voiced", "is_speech"):
            values[:, DESCRIPTOR_NAMES.index(name)] = 0
    else:
        values = _values(clip)
    return Frames(np.arange(len(values), dtype=np.float64) * HOP_S, values)


def _values(clip: Clip) -> NDArray[np.float32]:
    sound = clip.spectrum
    columns = [
        12 * np.log2(clip.pitch.f0_hz / np.float32(27.5)),
        clip.pitch.periodicity,
        clip.voiced,
        clip.speech,
        sound.energy_db + clip.level_db,
        sound.loudness_db + clip.level_db,
        sound.shape,
        *(getattr(clip.voice, name) for name in VOICE_NAMES),
        clip.formants.hz,
        clip.formants.bandwidth_octaves,
        sound.mfcc,
        sound.log_mel_db + clip.level_db,
    ]
    return np.column_stack(columns).astype(np.float32)

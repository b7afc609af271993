"""Analysis: from a clip's waveform to all its frame-wise descriptors, at the same instants."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from audio import formants, pitch, rhythm, spectrum, voice
from audio.decoding import SAMPLE_RATE_HZ
from audio.formants import Formants
from audio.pitch import Pitch
from audio.resampling import resampled
from audio.spectrum import Spectrum
from audio.voice import Voice


@dataclass(frozen=True)
class Clip:
    """A clip's frames, all (T, …), and the masks that functionals are taken over.

    `level_db` is what the waveform was divided by: levels within the frames are relative to it.
    `speech` (T,) are the frames that are no pause, `voiced` those of them that have a pitch.
    """

    duration_s: float
    level_db: float
    pitch: Pitch
    spectrum: Spectrum
    voice: Voice
    formants: Formants
    speech: NDArray[np.bool_]
    voiced: NDArray[np.bool_]


def analyse(waveform: NDArray[np.floating], sample_rate_hz: int = SAMPLE_RATE_HZ) -> Clip | None:
    """The frames of a mono clip (n,); None where it is silent (but for a constant offset).

    Raises ValueError for a waveform that is empty, not one-dimensional, or not finite.
    """
    sound = np.asarray(waveform)
    if sound.ndim != 1 or not len(sound):
        raise ValueError(f"waveform has shape {sound.shape}; (n,) with n > 0 is expected")
    highest = float(np.abs(sound).max())
    if not np.isfinite(highest):
        raise ValueError("waveform holds NaN or infinite samples")
    duration_s = len(sound) / sample_rate_hz
    sound = sound - sound.mean(dtype=np.float64)
    peak = float(np.abs(sound).max())
    if peak <= 1e-6 * highest:  # an offset alone, but for rounding
        return None
    scaled = (sound / peak).astype(np.float32)
    if sample_rate_hz != SAMPLE_RATE_HZ:
        scaled = np.concatenate(list(resampled([scaled], sample_rate_hz, SAMPLE_RATE_HZ)))
    return _clip(scaled, duration_s, 20 * np.log10(peak))


@torch.no_grad()
def _clip(scaled: NDArray[np.float32], duration_s: float, level_db: float) -> Clip:
    sound = torch.from_numpy(scaled)
    track = pitch.track(sound, SAMPLE_RATE_HZ)
    timbre = spectrum.describe(sound, SAMPLE_RATE_HZ)
    speech = rhythm.is_speech(timbre.loudness_db)
    return Clip(
        duration_s=duration_s,
        level_db=level_db,
        pitch=track,
        spectrum=timbre,
        voice=voice.describe(track),
        formants=formants.describe(track),
        speech=speech,
        voiced=speech & ~np.isnan(track.f0_hz),
    )

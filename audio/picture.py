"""A clip as a person looks at it: waveform, spectrogram and pitch, small enough for a page."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torchaudio import functional

from audio.decoding import SAMPLE_RATE_HZ
from audio.frames import framed, hann
from audio.pitch import track

N_BANDS = 72
MAX_COLUMNS = 600

_WINDOW_S = 0.032
_RANGE_DB = 65.0


@dataclass(frozen=True)
class Picture:
    """What is drawn of a clip of `duration_s`.

    `peaks` (n, 2) in [-1, 1] are the lowest and highest sample of each of n equal parts.
    `bands` (t, N_BANDS) uint8 is the mel spectrogram from 60 Hz to 8 kHz, 0 = 65 dB below the
    loudest, 255 = the loudest. `f0_hz` (t,) is the pitch of the same t columns, NaN unvoiced.
    """

    duration_s: float
    peaks: NDArray[np.float32]
    bands: NDArray[np.uint8]
    f0_hz: NDArray[np.float32]


def picture(samples: NDArray[np.float32], sample_rate_hz: int = SAMPLE_RATE_HZ) -> Picture:
    """The picture of mono samples (n,): at most MAX_COLUMNS columns, whatever their length."""
    waveform = torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float32))
    window = hann(round(_WINDOW_S * sample_rate_hz))
    n_fft = 1 << (len(window) - 1).bit_length()
    frames = framed(waveform, len(window), sample_rate_hz)
    spectrum = torch.fft.rfft(frames * window, n_fft)
    power = spectrum.real.square() + spectrum.imag.square()
    top_hz = min(8000.0, sample_rate_hz / 2)
    bank = functional.melscale_fbanks(n_fft // 2 + 1, 60.0, top_hz, N_BANDS, sample_rate_hz)
    level = 10 * torch.log10((power @ bank).clamp(min=1e-12))
    shade = ((level - level.max()) / _RANGE_DB + 1).clamp(0, 1) * 255
    every = -(-len(shade) // MAX_COLUMNS)
    columns = torch.stack([part.amax(dim=0) for part in torch.split(shade, every)])
    f0 = track(waveform, sample_rate_hz).f0_hz[: len(shade)][::every]
    return Picture(
        duration_s=len(samples) / sample_rate_hz,
        peaks=_peaks(samples),
        bands=columns.round().to(torch.uint8).numpy(),
        f0_hz=f0,
    )


def _peaks(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    n_parts = max(1, min(MAX_COLUMNS, len(samples)))
    starts = (np.arange(n_parts) * len(samples)) // n_parts
    low = np.minimum.reduceat(samples, starts)
    high = np.maximum.reduceat(samples, starts)
    return np.stack([low, high], axis=1).astype(np.float32)

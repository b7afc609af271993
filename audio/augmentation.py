"""Augmentation: the same utterance as another room, microphone or line would have given it.

Who speaks, what is said and the emotion stay; what a recording adds to them changes. A model that
hears clips so beside the originals relies less on what any telephone takes away.
"""

import hashlib

import numpy as np
import torch
from numpy.typing import NDArray
from torchaudio import functional

from audio.decoding import SAMPLE_RATE_HZ

ROOM, NOISE, LINE = 0.5, 0.7, 0.5
"""How often each of them is added; the level changes always."""

REVERBERATION_S = (0.15, 0.6)
DIRECT_DB = (0.0, 12.0)
SNR_DB = (10.0, 30.0)
NOISE_SLOPE = (0.0, 2.0)
"""The power of noise falls by frequency to this power: 0 is white, 1 pink, 2 brown."""
LOW_HZ = (0.0, 80.0, 200.0, 300.0)
HIGH_HZ = (3300.0, 7000.0)
LEVEL_DB = (-8.0, 8.0)

_EDGE_HZ = 50.0
_QUIET = 1e-9


def altered(waveform: NDArray[np.floating], seed: int = 0) -> NDArray[np.float32]:
    """Another recording of a waveform (n,) at 16 kHz: (n,) float32.

    By chance: a room (a tail of decaying noise: Moorer 1979, About this reverberation business),
    stationary noise at 10 to 30 dB, a line that passes a band alone in 8 bits (mu-law: ITU-T
    G.711); and another level, by up to 8 dB either way. Speed and pitch stay. Values may go beyond
    +-1. What is drawn depends on `seed` and the waveform alone, not on its name or its place.
    Raises ValueError for a waveform that is empty or has more than one dimension.
    """
    sound = np.asarray(waveform, dtype=np.float32)
    if sound.ndim != 1 or not len(sound):
        raise ValueError(f"a waveform (n,) with n > 0 is expected, not {sound.shape}")
    content = hashlib.sha256(np.ascontiguousarray(sound).tobytes()).digest()
    rng = np.random.default_rng([seed, int.from_bytes(content[:8], "little")])
    if rng.random() < ROOM:
        sound = in_a_room(sound, rng.uniform(*REVERBERATION_S), rng.uniform(*DIRECT_DB), rng)
    if rng.random() < NOISE:
        sound = in_noise(sound, rng.uniform(*SNR_DB), rng.uniform(*NOISE_SLOPE), rng)
    if rng.random() < LINE:
        sound = over_a_line(sound, float(rng.choice(LOW_HZ)), rng.uniform(*HIGH_HZ))
    return np.asarray(sound * 10 ** (rng.uniform(*LEVEL_DB) / 20), dtype=np.float32)


def in_a_room(
    sound: NDArray[np.float32], reverberation_s: float, direct_db: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The sound with a tail that falls by 60 dB in `reverberation_s`; what comes straight is
    `direct_db` above it. As loud as before."""
    n = max(1, int(reverberation_s * SAMPLE_RATE_HZ))
    tail = rng.standard_normal(n) * 10 ** (-3 * np.arange(n) / n)
    tail[: int(0.0025 * SAMPLE_RATE_HZ)] = 0.0
    tail *= 10 ** (-direct_db / 20) / (np.sqrt(np.square(tail).sum()) + _QUIET)
    tail[0] = 1.0
    heard = functional.fftconvolve(_tensor(sound), _tensor(tail)).numpy()[: len(sound)]
    return np.asarray(heard * _root_mean_square(sound) / _root_mean_square(heard), np.float32)


def in_noise(
    sound: NDArray[np.float32], snr_db: float, slope: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The sound in stationary noise, its power (over the whole) `snr_db` above the noise's."""
    spectrum = np.fft.rfft(rng.standard_normal(len(sound)))
    spectrum *= np.maximum(np.arange(len(spectrum)), 1) ** (-slope / 2)
    noise = np.fft.irfft(spectrum, len(sound))
    mixed = functional.add_noise(_tensor(sound), _tensor(noise), torch.tensor(snr_db))
    return np.asarray(mixed.numpy(), dtype=np.float32)


def over_a_line(sound: NDArray[np.float32], low_hz: float, high_hz: float) -> NDArray[np.float32]:
    """What passes from `low_hz` to `high_hz`, in 256 steps by the mu-law."""
    hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    passed = np.clip((high_hz + _EDGE_HZ - hz) / _EDGE_HZ, 0, 1)
    if low_hz > 0:
        passed *= np.clip((hz - low_hz + _EDGE_HZ) / _EDGE_HZ, 0, 1)
    band = np.fft.irfft(np.fft.rfft(sound) * passed, len(sound))
    peak = float(np.abs(band).max()) + _QUIET
    steps = functional.mu_law_encoding(_tensor(band / peak), 256)
    return np.asarray(functional.mu_law_decoding(steps, 256).numpy() * peak, dtype=np.float32)


def _tensor(values: NDArray[np.floating]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def _root_mean_square(sound: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.square(sound, dtype=np.float64).mean())) + _QUIET

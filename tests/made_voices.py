"""Something like voices, made of harmonics."""

from pathlib import Path

import numpy as np
import soundfile


def made_voice(f0_hz: float, duration_s: float, rate_hz: int, seed: int) -> np.ndarray:
    """A wavering tone with overtones, in syllables, over a little noise: (n,) within ±0.5."""
    random = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    phase = 2 * np.pi * np.cumsum(f0_hz * (1 + 0.1 * np.sin(6 * time_s))) / rate_hz
    sound = sum(np.sin(k * phase) / k**2 for k in range(1, 12))
    sound *= np.clip(np.sin(9 * time_s) + 0.6, 0, 1)
    return 0.4 * sound / np.abs(sound).max() + random.normal(0, 1e-3, len(sound))


def write_voice(path: Path, f0_hz=140.0, duration_s=0.8, rate_hz=16_000, seed=0, **options) -> Path:
    """Such a voice in a file; `options` are soundfile's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, made_voice(f0_hz, duration_s, rate_hz, seed), rate_hz, **options)
    return path

"""What espeak-ng cannot do itself: tremor, breath, tilt, a rising or falling end, level."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Samples = NDArray[np.float64]

_TREMOR_HZ = 6.0
_TILT_CORNER_HZ = 1000.0
_ENVELOPE_S = 0.02


@dataclass(frozen=True)
class Shape:
    """`tilt_db` raises (or lowers) what is above 1 kHz; `tremor` and `breath` run from 0 to about
    1; `rise_semitones` is how far pitch glides up (or down) over the last third."""

    level_db: float = 0.0
    tilt_db: float = 0.0
    tremor: float = 0.0
    breath: float = 0.0
    rise_semitones: float = 0.0


def shaped(samples: Samples, rate_hz: int, shape: Shape, rng: np.random.Generator) -> Samples:
    """The samples (n,) with all of it done; a little longer or shorter, for pitch glides."""
    sound = glided(samples, rate_hz, shape.rise_semitones, shape.tremor)
    sound = tilted(sound, rate_hz, shape.tilt_db)
    sound = sound + breath(sound, rate_hz, shape.breath, rng)
    return levelled(sound, shape.level_db)


def glided(samples: Samples, rate_hz: int, semitones: float, tremor: float) -> Samples:
    """The end glides by `semitones`, and pitch and loudness tremble at 6 Hz."""
    n = len(samples)
    place = np.arange(n)
    wave = np.sin(2 * np.pi * _TREMOR_HZ * place / rate_hz)
    bend = np.clip((place / n - 2 / 3) * 3, 0, 1) * semitones + 0.5 * tremor * wave
    # Reading faster raises pitch: a sample is heard when all before it, at their speeds, are.
    heard = np.cumsum(2.0 ** (-bend / 12))
    trembling = samples * (1 + 0.35 * tremor * wave)
    return np.interp(np.arange(heard[0], heard[-1]), heard, trembling)


def tilted(samples: Samples, rate_hz: int, gain_db: float) -> Samples:
    """A first-order shelf: `gain_db` more (or less) far above 1 kHz, nothing far below."""
    gain = 10 ** (gain_db / 20)
    k = np.tan(np.pi * _TILT_CORNER_HZ / rate_hz)
    root = np.sqrt(gain)
    b = np.array([gain + root * k, root * k - gain])
    a = np.array([1 + root * k, root * k - 1])
    return np.asarray(lfilter(b / a[0], a / a[0], samples))


def breath(samples: Samples, rate_hz: int, amount: float, rng: np.random.Generator) -> Samples:
    """High-passed noise that follows the envelope of the voice."""
    share = 1 / (_ENVELOPE_S * rate_hz)
    envelope = lfilter([share], [1.0, share - 1.0], np.abs(samples))
    noise = np.diff(rng.standard_normal(len(samples) + 1))
    return np.asarray(0.35 * amount * envelope * noise)


def levelled(samples: Samples, level_db: float) -> Samples:
    """Speech at `level_db` over -26 dB re full scale (RMS), its highest peaks rounded off."""
    rms = np.sqrt(np.mean(np.square(samples)))
    return np.asarray(np.tanh(samples / rms * 10 ** ((level_db - 26) / 20)))

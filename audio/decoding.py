"""Decoding: from a sound file to samples, or to one line that says what is wrong with it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio import containers
from audio.errors import AudioError
from audio.resampling import resampled

__all__ = [
    "SAMPLE_RATE_HZ",
    "AudioError",
    "AudioInfo",
    "blocks",
    "inspect",
    "length_s",
    "read",
]

SAMPLE_RATE_HZ = 16_000
"""The rate everything is analysed at."""

SILENCE = 1e-4
"""-80 dB re full scale: a file that never swings further is silent, whatever its offset."""

_BLOCK_VALUES = 2**18
_RATES_HZ = (4_000, 768_000)
_LAST_PAGE_S = 30
_CANCELLED = 0.25
"""A mean of channels with less than this share of the power that unrelated channels would leave
has lost the voice: they are inverted copies of one another."""


@dataclass(frozen=True)
class AudioInfo:
    """What a sound file holds. `peak` is the largest magnitude of any sample, 1 = full scale.

    `content_sha256` is over rate, channels and the decoded samples as 32-bit floats: the same
    sound in WAV and in FLAC has the same one, at any bit depth that loses nothing.
    """

    sample_rate_hz: int
    n_channels: int
    n_frames: int
    duration_s: float
    format: str
    subtype: str
    content_sha256: str
    peak: float


def inspect(path: Path) -> AudioInfo:
    """Decodes the whole file, in blocks, and describes it.

    Raises AudioError, its `reason` one line, for whatever cannot be used: unreadable, empty,
    not audio, truncated, no samples, NaN or infinite samples, silent throughout.
    """
    path = Path(path)
    kind = containers.kind_of(path)
    with _decoder(path, kind) as sound:
        rate, n_channels, promised = sound.samplerate, sound.channels, sound.frames
        digest = hashlib.sha256(f"{rate} {n_channels} ".encode())
        low, high = np.full(n_channels, np.inf), np.full(n_channels, -np.inf)
        n_frames = 0
        for samples in _frames(sound, None):
            block = samples + np.float32(0)  # so that -0 and 0 are the same sound
            low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
            if not np.isfinite(low + high).all():
                bad = int(np.flatnonzero(~np.isfinite(block).all(axis=1))[0])
                at_s = (n_frames + bad) / rate
                raise AudioError(f"holds NaN or infinite samples (first at {at_s:.2f} s)")
            digest.update(block.astype("<f4", copy=False).tobytes())
            n_frames += len(block)
        subtype = sound.subtype
    if n_frames == 0:
        raise AudioError("holds no samples")
    if kind != "mp3" and n_frames < promised:
        raise AudioError(f"is truncated: {promised} frames promised, {n_frames} there")
    if float((high - low).max()) / 2 < SILENCE:
        raise AudioError(f"is silent throughout ({n_frames / rate:.2f} s)")
    peak = float(max(high.max(), -low.min()))
    return AudioInfo(
        sample_rate_hz=rate,
        n_channels=n_channels,
        n_frames=n_frames,
        duration_s=n_frames / rate,
        format=kind,
        subtype=subtype,
        content_sha256=digest.hexdigest(),
        peak=peak,
    )


def length_s(path: Path) -> float:
    """How long the sound is, by its container alone. Raises AudioError as `read` does."""
    with _decoder(Path(path), containers.kind_of(Path(path))) as sound:
        return float(sound.frames / sound.samplerate)


def read(
    path: Path,
    start_s: float = 0.0,
    end_s: float | None = None,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
) -> NDArray[np.float32]:
    """The sound from `start_s` to `end_s` (None: to its end), mono, (n,) float32.

    Seeks, so a stretch of an hour costs what the stretch costs. Channels are averaged; where
    they cancel out (one is the other inverted) the strongest is taken instead. An end behind the
    sound's own is that. Raises AudioError where there is no sound between the two.
    """
    parts = list(blocks(path, start_s, end_s, sample_rate_hz))
    if not parts:
        end = "the end" if end_s is None else f"{end_s} s"
        raise AudioError(f"has no sound between {start_s} s and {end}")
    return np.concatenate(parts)


def blocks(
    path: Path,
    start_s: float = 0.0,
    end_s: float | None = None,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
) -> Iterator[NDArray[np.float32]]:
    """What `read` returns, as a stream of consecutive blocks: an hour in bounded memory."""
    path = Path(path)
    kind = containers.kind_of(path)
    if not 0 <= start_s < (np.inf if end_s is None else end_s):
        raise AudioError(f"has no sound between {start_s} s and {end_s} s")
    with _decoder(path, kind) as sound:
        rate = sound.samplerate
        first = round(start_s * rate)
        n_frames = None if end_s is None or end_s == np.inf else round(end_s * rate) - first
        weights = np.ones(1, dtype=np.float32)
        if sound.channels > 1:
            weights = _mono_weights(_frames_from(sound, first, n_frames))
        frames = _frames_from(sound, first, n_frames)
        mono = (block @ weights if len(weights) > 1 else block[:, 0] for block in frames)
        yield from resampled(mono, rate, sample_rate_hz)


def _mono_weights(frames: Iterator[NDArray[np.float32]]) -> NDArray[np.float32]:
    """How much of each channel makes the mono sound: the mean, or the strongest alone."""
    total: NDArray[np.float64] | None = None
    products: NDArray[np.float64] | None = None
    n = 0
    for block in frames:
        exact = block.astype(np.float64)
        sums, cross = exact.sum(axis=0), exact.T @ exact
        total = sums if total is None else total + sums
        products = cross if products is None else products + cross
        n += len(block)
    if total is None or products is None:
        return np.ones(1, dtype=np.float32)
    covariance = products - np.outer(total, total) / n
    n_channels = len(total)
    mean = np.full(n_channels, 1 / n_channels)
    if mean @ covariance @ mean < _CANCELLED * np.trace(covariance) / n_channels**2:
        mean = np.eye(n_channels)[int(np.argmax(np.diag(covariance)))]
    return mean.astype(np.float32)


@contextmanager
def _decoder(path: Path, kind: str) -> Iterator[soundfile.SoundFile]:
    with containers.opened(path, kind) as file:
        try:
            sound = soundfile.SoundFile(file)
        except soundfile.LibsndfileError as error:
            raise AudioError(f"cannot be decoded as {kind} ({_said(error)})") from None
        with sound:
            if not _RATES_HZ[0] <= sound.samplerate <= _RATES_HZ[1]:
                raise AudioError(
                    f"claims a sample rate of {sound.samplerate} Hz; "
                    f"{_RATES_HZ[0]} to {_RATES_HZ[1]} Hz are read"
                )
            yield sound


def _frames_from(
    sound: soundfile.SoundFile, first: int, n_frames: int | None
) -> Iterator[NDArray[np.float32]]:
    if first >= sound.frames:
        return
    at = first
    if sound.subtype == "VORBIS":  # libsndfile 1.2 misses its place within the last page
        at = min(first, max(0, sound.frames - _LAST_PAGE_S * sound.samplerate))
    try:
        sound.seek(at)
        while at < first:
            at += len(sound.read(min(first - at, _BLOCK_VALUES), dtype="float32"))
    except soundfile.LibsndfileError as error:
        raise AudioError(f"cannot be read from frame {first} ({_said(error)})") from None
    yield from _frames(sound, n_frames)


def _frames(sound: soundfile.SoundFile, n_frames: int | None) -> Iterator[NDArray[np.float32]]:
    """Blocks of (n, n_channels) from where the decoder stands, at most `n_frames` in all."""
    size = max(1, _BLOCK_VALUES // sound.channels)
    left = sound.frames if n_frames is None else n_frames
    while left > 0:
        at = sound.tell()
        try:
            block = sound.read(min(size, left), dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise AudioError(
                f"is truncated or damaged: {sound.frames} frames promised, "
                f"decoding fails after {at} ({_said(error)})"
            ) from None
        if not len(block):
            return
        left -= len(block)
        yield block


def _said(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).strip().rstrip(".").lower().removeprefix("error : ")

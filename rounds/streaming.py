"""Live speech: an answer every half second about the last three, from a stream of samples."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from audio.decoding import SAMPLE_RATE_HZ, SILENCE, AudioError
from audio.front_ends import FrontEnd
from audio.front_ends.own import Own
from audio.resampling import resampled
from models.emotion_model import EmotionModel
from rounds.listening import take_in
from rounds.prediction import Answer, Promise, answers, with_speaker

HOP_S = 0.5
WINDOW_S = 3.0

_BLOCK = 1 << 14
_FORMATS = {(1, 16): "<i2", (1, 32): "<i4", (3, 32): "<f4"}


@dataclass(frozen=True)
class Now:
    """What is said at `time_s` of the stream; no `answer` where the window is silent."""

    time_s: float
    answer: Answer | None


def follow(
    sound: Iterable[NDArray[np.float32]],
    model: EmotionModel,
    promised: Promise,
    enrolled: NDArray[np.floating],
    *,
    hop_s: float = HOP_S,
    window_s: float = WINDOW_S,
    front: FrontEnd | None = None,
) -> Iterator[Now]:
    """Answers every `hop_s` about the last `window_s` of mono sound at 16 kHz, as it comes in.

    The first comes after one hop, on what there is by then; what is left at the end is answered
    for too. Memory does not grow with the stream. `front` is the model's front end (default:
    Undertone's own features).
    """
    front = front or Own()
    hop, size = round(hop_s * SAMPLE_RATE_HZ), round(window_s * SAMPLE_RATE_HZ)
    window = np.zeros(0, dtype=np.float32)
    n_heard, due = 0, hop
    for block in sound:
        at = 0
        while at < len(block):
            piece = block[at : at + due - n_heard]
            at += len(piece)
            n_heard += len(piece)
            window = np.concatenate([window, piece])[-size:]
            if n_heard == due:
                yield _now(model, front, promised, enrolled, window, n_heard)
                due += hop
    if n_heard > due - hop:
        yield _now(model, front, promised, enrolled, window, n_heard)


def _now(
    model: EmotionModel,
    front: FrontEnd,
    promised: Promise,
    enrolled: NDArray[np.floating],
    window: NDArray[np.float32],
    n_heard: int,
) -> Now:
    end_s = n_heard / SAMPLE_RATE_HZ
    if float(np.ptp(window)) / 2 < SILENCE:
        return Now(end_s, None)
    heard = take_in(model, [window], front)
    wide = with_speaker(model, heard.features, enrolled)
    where = [("-", end_s - len(window) / SAMPLE_RATE_HZ, end_s)]
    return Now(end_s, answers(model, wide, where, promised, heard.tracks)[0])


def samples_of(
    stream: BinaryIO, *, rate_hz: int = SAMPLE_RATE_HZ, n_channels: int = 1
) -> Iterator[NDArray[np.float32]]:
    """Mono samples at 16 kHz from a stream of WAV, or of raw 16-bit little-endian PCM.

    `rate_hz` and `n_channels` are those of raw PCM; a WAV says its own. Raises AudioError for a
    WAV that holds anything but PCM (16 or 32 bit, or 32 bit float).
    """
    head = _exactly(stream, 12)
    kind = "<i2"
    if head[:4] == b"RIFF":
        if head[8:] != b"WAVE":
            raise AudioError("the stream begins like a WAV (RIFF) and is none")
        rate_hz, n_channels, kind = _wav_format(stream)
        head = b""
    yield from resampled(_mono(stream, head, kind, n_channels), rate_hz, SAMPLE_RATE_HZ)


def _mono(
    stream: BinaryIO, pending: bytes, kind: str, n_channels: int
) -> Iterator[NDArray[np.float32]]:
    width = np.dtype(kind).itemsize * n_channels
    scale = 1.0 if kind == "<f4" else 1.0 / np.iinfo(np.dtype(kind)).max
    while True:
        # What has come, not what would fill a block: a live source trickles.
        more = stream.read1(_BLOCK) if hasattr(stream, "read1") else stream.read(_BLOCK)
        pending += more
        whole = len(pending) // width * width
        if whole:
            frames = np.frombuffer(pending[:whole], kind).reshape(-1, n_channels)
            mono = (frames.astype(np.float64).mean(axis=1) * scale).astype(np.float32)
            yield np.nan_to_num(mono)
            pending = pending[whole:]
        if not more:
            return


def _wav_format(stream: BinaryIO) -> tuple[int, int, str]:
    """(rate, channels, sample type), read up to where the samples begin."""
    found: tuple[int, int, str] | None = None
    while True:
        head = _exactly(stream, 8)
        if len(head) < 8:
            raise AudioError("is a WAV stream without samples")
        name, size = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"data":
            if found is None:
                raise AudioError("is a WAV stream that does not say its format")
            return found
        body = _exactly(stream, size + size % 2)
        if name == b"fmt ":
            code, n_channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
            if code == 0xFFFE and len(body) >= 26:
                code = struct.unpack("<H", body[24:26])[0]
            if (code, bits) not in _FORMATS or not n_channels or not rate:
                raise AudioError(f"is a WAV stream of format {code} with {bits} bits, not PCM")
            found = (rate, n_channels, _FORMATS[code, bits])


def _exactly(stream: BinaryIO, n: int) -> bytes:
    out = b""
    while len(out) < n:
        more = stream.read(n - len(out))
        if not more:
            break
        out += more
    return out

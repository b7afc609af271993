"""Segmentation: where in a long recording somebody speaks, utterance by utterance.

Voice activity by two witnesses: a level above the background of the moment, and a pitch. Bursts
of noise have the first alone, a humming room the second alone.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from audio import pitch
from audio.decoding import SAMPLE_RATE_HZ, blocks, length_s
from audio.frames import framed, hann
from audio.grid import HOP_S
from audio.rhythm import Stretches, stretches

_HOP = round(HOP_S * SAMPLE_RATE_HZ)
_CONTEXT = 4 * _HOP
_BACKGROUND_S = 30.0
_LEAST_VOICE_S = 0.08
_LEAST_VOICE_SHARE = 0.1
_FLOOR_DB = -100.0


def utterances(
    path: Path,
    *,
    max_s: float = 15.0,
    min_s: float = 0.3,
    min_pause_s: float = 0.4,
    pad_s: float = 0.15,
    whole_s: float = 20.0,
) -> list[tuple[float, float]]:
    """The utterances of a recording, (start, end) in seconds, in order and without overlap.

    A recording of at most `whole_s` is one utterance. In a longer one speech shorter than `min_s`
    or without voice is left out, pauses shorter than `min_pause_s` stay within an utterance, and
    one longer than `max_s` is cut at its quietest places. `pad_s` of what surrounds it is kept on
    either side, as far as its neighbours allow. [] where nobody speaks. The sound is streamed:
    what stays in memory is a level and a flag per 10 ms.
    Raises AudioError as `decoding.read` does, ValueError for lengths that cannot be kept.
    """
    if not 0 < min_s < max_s or pad_s < 0 or 2 * pad_s >= max_s or min_pause_s <= 0:
        raise ValueError(
            f"min_s {min_s}, max_s {max_s}, pad_s {pad_s}, min_pause_s {min_pause_s} are not "
            f"0 < min_s < max_s, 0 <= pad_s < max_s / 2, 0 < min_pause_s"
        )
    duration_s = length_s(path)
    if duration_s <= whole_s:
        return [(0.0, duration_s)]
    parts = list(_activity(blocks(path)))
    level_db = np.concatenate([level for level, _ in parts])
    voiced = np.concatenate([voice for _, voice in parts])
    found = _speech(level_db, voiced, round(min_pause_s / HOP_S), round(min_s / HOP_S))
    longest = max(1, int((max_s - 2 * pad_s) / HOP_S))
    cuts = [
        (a, b)
        for start, length in zip(found.start.tolist(), found.length.tolist(), strict=True)
        for a, b in _cut(level_db, start, start + length, longest)
    ]
    return _padded(cuts, pad_s, duration_s)


def _activity(
    sound: Iterable[NDArray[np.float32]],
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """Level (dB re full scale, 100 Hz to 4 kHz) and voicing of every 10 ms, block by block."""
    before = pending = np.zeros(0, dtype=np.float32)
    for block in sound:
        pending = np.concatenate([pending, block])
        n_ready = (len(pending) - _CONTEXT) // _HOP * _HOP
        if n_ready > 0:
            yield _describe(before, pending[: n_ready + _CONTEXT], n_ready)
            before = np.concatenate([before, pending[:n_ready]])[-_CONTEXT:]
            pending = pending[n_ready:]
    if len(pending):
        yield _describe(before, pending, len(pending))


@torch.no_grad()
def _describe(
    before: NDArray[np.float32], ahead: NDArray[np.float32], n_ready: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    sound = torch.from_numpy(np.concatenate([before, ahead]))
    first = len(before) // _HOP
    own = slice(first, first + -(-n_ready // _HOP))
    window = hann(round(0.025 * SAMPLE_RATE_HZ))
    spectrum = torch.fft.rfft(framed(sound, len(window), SAMPLE_RATE_HZ)[own] * window, 512)
    power = spectrum.abs().square()[:, round(100 / 31.25) : round(4000 / 31.25)].sum(dim=1)
    scale = float(window.square().sum()) * len(window)
    level = 10 * torch.log10((power / scale).clamp(min=10 ** (_FLOOR_DB / 10)))
    voiced = ~np.isnan(pitch.track(sound, SAMPLE_RATE_HZ).f0_hz[own])
    return level.numpy(), voiced


def _speech(
    level_db: NDArray[np.float32], voiced: NDArray[np.bool_], shortest_pause: int, shortest: int
) -> Stretches:
    """Stretches of speech in frames: loud, long enough, and somewhere voiced."""
    loud = level_db > _threshold_db(level_db)
    voiced_so_far = np.concatenate([[0], np.cumsum(voiced & loud)])
    gaps = stretches(~loud)
    for start, length in zip(gaps.start.tolist(), gaps.length.tolist(), strict=True):
        if length < shortest_pause and start > 0 and start + length < len(loud):
            loud[start : start + length] = True
    runs = stretches(loud)
    n_voiced = voiced_so_far[runs.start + runs.length] - voiced_so_far[runs.start]
    least = np.maximum(_LEAST_VOICE_S / HOP_S, _LEAST_VOICE_SHARE * runs.length)
    kept = (runs.length >= shortest) & (n_voiced >= least)
    return Stretches(runs.start[kept], runs.length[kept])


def _threshold_db(level_db: NDArray[np.float32]) -> NDArray[np.float64]:
    """The level between background and speech, following both over half a minute."""
    width = round(_BACKGROUND_S / HOP_S)
    centres = np.arange(0, len(level_db), width // 3)
    near = [level_db[max(0, at - width // 2) : at + width // 2] for at in centres]
    low = np.array([np.percentile(part, 10) for part in near])
    high = np.array([np.percentile(part, 95) for part in near])
    # A stretch where nobody speaks is judged by the recording's loud parts, not by its own.
    high = np.maximum(high, np.percentile(level_db, 95) - 20)
    between = np.maximum(low + np.clip(0.35 * (high - low), 4, 20), high - 40)
    # Half a minute without a pause has no background of its own to be above.
    between = np.minimum(between, high - 6)
    threshold: NDArray[np.float64] = np.interp(np.arange(len(level_db)), centres, between)
    return threshold


def _cut(
    level_db: NDArray[np.float32], start: int, end: int, longest: int
) -> Iterator[tuple[int, int]]:
    """Pieces of [start, end) no longer than `longest`, cut where it is quietest for 50 ms."""
    while end - start > longest:
        first = start + longest // 3
        last = min(start + longest, end - longest // 6)
        around = level_db[first - 2 : last + 3]
        quiet = np.convolve(around, np.full(5, 0.2), mode="valid")
        at = first + int(quiet.argmin())
        yield start, at
        start = at
    yield start, end


def _padded(
    cuts: list[tuple[int, int]], pad_s: float, duration_s: float
) -> list[tuple[float, float]]:
    padded = []
    for i, (start, end) in enumerate(cuts):
        before = cuts[i - 1][1] * HOP_S if i else 0.0
        after = cuts[i + 1][0] * HOP_S if i + 1 < len(cuts) else duration_s
        start_s, end_s = start * HOP_S, end * HOP_S
        first = max(start_s - pad_s, (before + start_s) / 2 if i else 0.0)
        last = min(end_s + pad_s, (after + end_s) / 2 if i + 1 < len(cuts) else duration_s)
        padded.append((round(first, 3), round(last, 3)))
    return padded

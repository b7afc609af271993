"""What is played and drawn of a segment: a WAV of its own, and its picture; made once, kept."""

import base64
import itertools
import json
import os
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path

import numpy as np

import db.clips
from annotation.desk.desk import Desk
from annotation.desk.errors import NotFoundError
from audio.errors import AudioError
from db.desk_records import Clip

VERSION = "1"
_BEST_HZ = 48_000
_TRIM_EVERY = 200
_RECENT_S, _USED_S = 600, 3600
_MADE = itertools.count(1)
_MAKING = threading.Semaphore(2)
"""So many sounds are decoded at once; others wait rather than take the memory."""


@cache
def warm_up() -> None:
    """Read what sounds and pictures are made with (seconds), in the background and once: when a
    page opens, before it asks for the first."""
    threading.Thread(target=lambda: import_module("audio.picture"), daemon=True).start()


def clip_of(desk: Desk, segment_id: str) -> Clip:
    """A segment as it is played. Raises NotFoundError."""
    with desk.workspace.reading() as tx:
        clip = db.clips.get(tx, segment_id)
    if clip is None:
        raise NotFoundError(f"there is no segment {segment_id!r}")
    return clip


def wav(desk: Desk, segment_id: str) -> Path:
    """The file of a segment's sound: mono, 16 bit, at its own rate (at most 48 kHz).

    Raises NotFoundError where the segment, or the recording it lies in, cannot be read any more.
    """
    return _made(desk, segment_id, "wav", _wav)


def picture_json(desk: Desk, segment_id: str) -> Path:
    """The file of a segment's picture: JSON with `duration_s`, `n_columns`, `n_bands`, and base64
    of `peaks` (int8 pairs), `bands` (uint8, a column after another) and `f0_hz` (uint16, 0 =
    unvoiced). Raises NotFoundError as `wav` does.
    """
    return _made(desk, segment_id, "json", _picture)


def _made(desk: Desk, segment_id: str, suffix: str, make: Callable[[Clip], bytes]) -> Path:
    clip = clip_of(desk, segment_id)
    path = desk.cache / f"{clip.segment_id}-{VERSION}.{suffix}"
    if path.exists():
        _use(path)
        return path
    with _MAKING:
        try:
            made = make(clip)
        except (AudioError, OSError) as error:
            raise NotFoundError(f"the sound of segment {segment_id} is gone: {error}") from error
    handle, beside = tempfile.mkstemp(dir=desk.cache, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(made)
    Path(beside).replace(path)
    if next(_MADE) % _TRIM_EVERY == 0:
        trim(desk)
    return path


def trim(desk: Desk) -> int:
    """Keep the made sounds and pictures within the rules' `cache_bytes`; how many were removed.

    Those go first that were not played for longest; none that was in the last minutes, for
    somebody may be about to.
    """
    now, found, n_removed = time.time(), [], 0
    for path in desk.cache.iterdir():
        with suppress(OSError):  # somebody else trims it too
            about = path.stat()
            if path.suffix == ".part" and now - about.st_mtime > _USED_S:
                path.unlink()  # of a desk that was killed while it wrote
                continue
            found.append((about.st_mtime, about.st_size, path))
    size = sum(size for _, size, _ in found)
    for used, one, path in sorted(found):
        if size <= desk.rules.cache_bytes or now - used <= _RECENT_S:
            break
        path.unlink(missing_ok=True)
        size, n_removed = size - one, n_removed + 1
    return n_removed


def _use(path: Path) -> None:
    """Note that a file was used, to the hour."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > _USED_S:
            path.touch()


def _wav(clip: Clip) -> bytes:
    from audio.decoding import read

    rate = min(clip.sample_rate_hz, _BEST_HZ)
    samples = read(Path(clip.path), clip.start_s, clip.end_s, sample_rate_hz=rate)
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    sink = BytesIO()
    with wave.open(sink, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(pcm)
    return sink.getvalue()


def _picture(clip: Clip) -> bytes:
    from audio.decoding import read
    from audio.picture import picture

    seen = picture(read(Path(clip.path), clip.start_s, clip.end_s))
    top = float(np.abs(seen.peaks).max()) or 1.0
    drawn = {
        "duration_s": seen.duration_s,
        "n_columns": len(seen.bands),
        "n_bands": seen.bands.shape[1],
        "peaks": _base64((seen.peaks / top * 127).round().astype(np.int8)),
        "bands": _base64(seen.bands),
        "f0_hz": _base64(np.nan_to_num(seen.f0_hz, nan=0).round().astype("<u2")),
    }
    return json.dumps(drawn).encode()


def _base64(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()

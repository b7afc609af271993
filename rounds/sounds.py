"""Segments as sound that a page can play by itself."""

import base64
import io
import wave
from pathlib import Path

import numpy as np

from audio.decoding import SAMPLE_RATE_HZ, AudioError, read

_LONGEST_S = 20.0


def sound_uri(path: Path, start_s: float, end_s: float) -> str | None:
    """A segment as a `data:` URI (16 kHz, mono, 16 bit); None where it cannot be read any more.

    Of a long segment it is the first 20 seconds.
    """
    try:
        samples = read(path, start_s, min(end_s, start_s + _LONGEST_S))
    except (AudioError, OSError):
        return None
    sink = io.BytesIO()
    with wave.open(sink, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return f"data:audio/wav;base64,{base64.b64encode(sink.getvalue()).decode()}"

"""espeak-ng through ctypes: text to samples, with a voice, a rate, a pitch, a range, a volume."""

import ctypes
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

_SYNCHRONOUS = 2
_UTF8 = 1
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
_MAX_DATA_PATH = 120
"""espeak-ng keeps the folder of its voices in a buffer of 160 characters."""


class EspeakError(RuntimeError):
    """espeak-ng cannot do what it was asked for; the message is one line."""


@dataclass(frozen=True)
class Delivery:
    """How a text is spoken. `rate` is in words a minute (80 to 450); `pitch` and `pitch_range`
    are espeak-ng's own 0 to 100 (50 = as the voice is), `volume` its 0 to 200 (100 = as it is)."""

    rate: float = 170.0
    pitch: float = 50.0
    pitch_range: float = 50.0
    volume: float = 100.0


class Speaker:
    """espeak-ng, ready to speak; what it says depends on all it said before."""

    def __init__(self, library: ctypes.CDLL, sample_rate_hz: int) -> None:
        self.sample_rate_hz = sample_rate_hz
        self._library = library
        self._blocks: list[NDArray[np.int16]] = []
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        # Kept in the object, or ctypes frees the callback while the library still calls it.
        self._callback = kind(self._hear)
        library.espeak_SetSynthCallback(self._callback)

    def speak(self, text: str, voice: str, delivery: Delivery, seed: int) -> NDArray[np.float64]:
        """Samples (n,) in [-1, 1] at `sample_rate_hz`; equal for an equal history of calls.

        `voice` is a language and a variant, such as "en-us+f2". Raises EspeakError.
        """
        library = self._library
        library.espeak_ng_SetRandSeed(ctypes.c_long(seed % 2**31))
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise EspeakError(f"espeak-ng has no voice {voice!r}")
        for parameter, value, low, high in (
            (_RATE, delivery.rate, 80, 450),
            (_PITCH, delivery.pitch, 0, 100),
            (_RANGE, delivery.pitch_range, 0, 100),
            (_VOLUME, delivery.volume, 0, 200),
        ):
            library.espeak_SetParameter(parameter, round(min(max(value, low), high)), 0)
        self._blocks.clear()
        raw = text.encode("utf-8") + b"\0"
        if library.espeak_Synth(raw, len(raw), 0, 1, 0, _UTF8, None, None) != 0:
            raise EspeakError(f"espeak-ng could not speak {text!r}")
        library.espeak_Synchronize()
        if not self._blocks:
            raise EspeakError(f"espeak-ng was silent on {text!r} in the voice {voice!r}")
        return np.concatenate(self._blocks).astype(np.float64) / 32768.0

    def _hear(self, samples: "ctypes._Pointer[ctypes.c_short]", n: int, _events: int) -> int:
        if n > 0 and samples:
            self._blocks.append(np.ctypeslib.as_array(samples, (n,)).copy())
        return 0


@contextmanager
def speaking() -> Iterator[Speaker]:
    """espeak-ng from the start, so that the same calls give the same samples in any process.

    Raises EspeakError when the library or its voices cannot be loaded.
    """
    with tempfile.TemporaryDirectory(prefix="espeak-", ignore_cleanup_errors=True) as short:
        data = Path(espeakng_loader.get_data_path())
        if len(str(data)) > _MAX_DATA_PATH:
            link = Path(short) / "data"
            link.symlink_to(data, target_is_directory=True)
            data = link
        try:
            # A copy, for the loader would give the library as the last caller left it, and the
            # state it keeps (wave phases, noise) makes the same call give other samples.
            shipped = Path(espeakng_loader.get_library_path())
            library = ctypes.CDLL(str(shutil.copy(shipped, short)))
        except OSError as error:
            raise EspeakError(f"espeak-ng cannot be loaded: {error}") from None
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), 0)
        if rate <= 0:
            raise EspeakError(f"espeak-ng does not find its voices in {data}")
        try:
            yield Speaker(library, rate)
        finally:
            library.espeak_Terminate()

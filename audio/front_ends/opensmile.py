"""openSMILE's eGeMAPS v02 (Eyben et al. 2016) as a front end.

openSMILE is free for private and research use only: its licence does not allow commercial use.
It is an extra of its own (`pip install 'undertone[opensmile]'`) and nothing else needs it.
"""

import warnings
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.front_ends.egemaps_names import NAMES
from audio.front_ends.protocol import FrontEndError
from audio.front_ends.spec import EGEMAPS as NAME

_RATE_HZ = 16_000
_SHORTEST = _RATE_HZ // 10
"""openSMILE wants a few frames of 60 ms: a shorter clip is filled up with silence."""


class OpenSmile:
    """eGeMAPS functionals; `names` are openSMILE's own, whose units its manual gives."""

    name = NAME
    names = NAMES
    units: dict[str, str] = dict.fromkeys(NAMES, "")

    @property
    def version(self) -> str:
        """That of openSMILE, without which there is none."""
        try:
            return f"{NAME}-v02-{version('opensmile')}"
        except PackageNotFoundError:
            return f"{NAME}-v02"

    @cached_property
    def _smile(self) -> Any:
        try:
            import opensmile
        except ImportError as error:
            raise FrontEndError(
                f"features = {NAME!r}: openSMILE is not installed (pip install "
                "'undertone[opensmile]'; its licence is not for commercial use)"
            ) from error
        return opensmile.Smile(
            feature_set=opensmile.FeatureSet.eGeMAPSv02,
            feature_level=opensmile.FeatureLevel.Functionals,
        )

    def prepare(self) -> None:
        """Raises FrontEndError where openSMILE is not installed."""
        _ = self._smile

    def extract_many(self, sounds: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """eGeMAPS of clips at 16 kHz, each (n,); (n_clips, 88) float32."""
        found = np.empty((len(sounds), len(self.names)), dtype=np.float32)
        for row, sound in enumerate(sounds):
            filled = np.pad(sound, (0, max(0, _SHORTEST - len(sound))))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                found[row] = self._smile.process_signal(filled, _RATE_HZ).to_numpy()[0]
        return found

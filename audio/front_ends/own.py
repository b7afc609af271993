"""Undertone's own features as a front end."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audio import vocabulary
from audio.front_ends.spec import UNDERTONE


class Own:
    """See `audio.features`."""

    name = UNDERTONE
    version = vocabulary.FEATURE_VERSION
    names = vocabulary.FEATURE_NAMES
    units = vocabulary.FEATURE_UNITS

    def prepare(self) -> None:
        """Nothing is needed."""

    def extract_many(self, sounds: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """As `audio.features.extract_many`."""
        from audio import features

        return features.extract_many(sounds)

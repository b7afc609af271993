"""What every front end can be asked."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class FrontEndError(ValueError):
    """A front end that cannot be had here; the message is one line and says what would help."""


class FrontEnd(Protocol):
    """Sound to features.

    `name` is what a setting calls it; `version` changes whenever the same sound would give other
    numbers, and can be the name of a folder. `names` are its features, in order, `units` theirs.
    """

    name: str

    @property
    def version(self) -> str: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def units(self) -> dict[str, str]: ...

    def prepare(self) -> None:
        """Make sure that all it needs is here, once, before many processes ask for it.

        Raises FrontEndError where it cannot be had.
        """

    def extract_many(self, sounds: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """The features of mono clips at 16 kHz, each (n,); (n_clips, n_features) float32."""

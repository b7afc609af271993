"""Which front end: by the name in the settings, or by the features that a model was trained on."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from audio.front_ends.encoders import ENCODERS, Encoder, separator
from audio.front_ends.opensmile import OpenSmile
from audio.front_ends.own import Own
from audio.front_ends.protocol import FrontEnd, FrontEndError
from audio.front_ends.spec import EGEMAPS, FRONT_ENDS, OWN, UNDERTONE, FrontEndSpec


@lru_cache(maxsize=4)
def resolve(spec: FrontEndSpec) -> FrontEnd:
    """The front end of that name. What it needs is looked for when it is first asked to hear.

    Raises FrontEndError for a name that is none, and for weights that are no file.
    """
    if spec.name == UNDERTONE:
        return Own()
    if spec.name == EGEMAPS:
        return OpenSmile()
    if spec.name in ENCODERS:
        return Encoder(spec.name, spec.weights)
    raise FrontEndError(f"{spec.name!r} is no front end (there are: {', '.join(FRONT_ENDS)})")


def named_by(names: Sequence[str], weights: Path | None = None) -> FrontEndSpec | None:
    """The front end whose features are called so, as far as names tell; None where none is."""
    if not names:
        return None
    if tuple(names) == Own().names:
        return OWN
    encoder = names[0].partition(separator)[0]
    if encoder in ENCODERS and tuple(names) == ENCODERS[encoder].names(encoder):
        return FrontEndSpec(encoder, weights)
    if tuple(names) == OpenSmile.names:
        return FrontEndSpec(EGEMAPS)
    return None

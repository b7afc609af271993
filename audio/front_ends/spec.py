"""Which front ends there are, and which one is meant: plain values, without what they need."""

from dataclasses import dataclass
from pathlib import Path

UNDERTONE, EGEMAPS = "undertone", "egemaps"

ENCODER_NAMES = (
    "wavlm-base", "wavlm-base-plus", "wavlm-large", "hubert-base", "hubert-large", "wav2vec2-base",
    "wav2vec2-large",
)  # fmt: skip

FRONT_ENDS: tuple[str, ...] = (UNDERTONE, EGEMAPS, *ENCODER_NAMES)


@dataclass(frozen=True)
class FrontEndSpec:
    """A front end by name; `weights` is a file of an encoder's weights, where one is named."""

    name: str = UNDERTONE
    weights: Path | None = None


OWN = FrontEndSpec()
"""Undertone's own features."""

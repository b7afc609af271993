"""Self-supervised encoders as front ends: WavLM, HuBERT and wav2vec 2.0, as torchaudio has them.

A clip is the mean and the deviation over time of what the layers say, averaged over the layers
(Yang et al. 2021, SUPERB, weigh them; equal weights need no training and come close). Weights are
a file that the user names, else what torch.hub has or fetches.
"""

import contextlib
import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audio.front_ends.protocol import FrontEndError

if TYPE_CHECKING:
    import torch
    from torch import nn

separator = ":"

_SHORTEST = 1600
"""A tenth of a second: a shorter clip is filled up with silence."""


@dataclass(frozen=True)
class Architecture:
    """An encoder's `bundle` in torchaudio.pipelines and `factory` in torchaudio.models.

    `width` is a frame's; `scaled` where the model was trained on sound of mean 0 and variance 1.
    """

    bundle: str
    factory: str
    width: int
    scaled: bool = False

    def names(self, encoder: str) -> tuple[str, ...]:
        """The features of an encoder of this kind, in order."""
        parts = ("mean", "sd")
        return tuple(f"{encoder}{separator}{k}_{part}" for part in parts for k in range(self.width))


ENCODERS: dict[str, Architecture] = {
    "wavlm-base": Architecture("WAVLM_BASE", "wavlm_base", 768),
    "wavlm-base-plus": Architecture("WAVLM_BASE_PLUS", "wavlm_base", 768),
    "wavlm-large": Architecture("WAVLM_LARGE", "wavlm_large", 1024, scaled=True),
    "hubert-base": Architecture("HUBERT_BASE", "hubert_base", 768),
    "hubert-large": Architecture("HUBERT_LARGE", "hubert_large", 1024, scaled=True),
    "wav2vec2-base": Architecture("WAV2VEC2_BASE", "wav2vec2_base", 768),
    "wav2vec2-large": Architecture("WAV2VEC2_LARGE", "wav2vec2_large", 1024),
}


class Encoder:
    """A pretrained encoder; `weights` is a file of its state (torchaudio's), None: torch.hub's."""

    def __init__(self, name: str, weights: Path | None = None) -> None:
        if weights is not None and not weights.is_file():
            raise FrontEndError(f"encoder_weights = {str(weights)!r}: there is no such file")
        self.name = name
        self.names = ENCODERS[name].names(name)
        self.units = dict.fromkeys(self.names, "")
        self._weights = weights

    @cached_property
    def version(self) -> str:
        """The encoder's name, and of a file of weights what is in it."""
        if self._weights is None:
            return f"{self.name}-hub"
        about = self._weights.stat()
        return f"{self.name}-{_digest(self._weights, about.st_size, about.st_mtime_ns)}"

    @cached_property
    def _model(self) -> "nn.Module":
        kind = ENCODERS[self.name]
        if self._weights is None:
            model = _from_hub(self.name, kind)
        else:
            model = _from_file(self.name, kind, self._weights)
        return model.eval().requires_grad_(False).to(_device())

    def prepare(self) -> None:
        """Fetch the weights where they are not here yet; raises FrontEndError where that fails."""
        _ = self._model

    def extract_many(self, sounds: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """What the encoder hears in clips at 16 kHz, each (n,); (n_clips, 2 width) float32."""
        import torch

        found = np.empty((len(sounds), len(self.names)), dtype=np.float32)
        for row, sound in enumerate(sounds):
            filled = np.pad(np.asarray(sound, np.float32), (0, max(0, _SHORTEST - len(sound))))
            with torch.inference_mode():
                waveform = torch.from_numpy(filled)[None].to(_device())
                found[row] = self._hear(waveform).cpu().numpy()
        return found

    def _hear(self, waveform: "torch.Tensor") -> "torch.Tensor":
        import torch
        from torch import nn

        if ENCODERS[self.name].scaled:
            waveform = nn.functional.layer_norm(waveform, waveform.shape)
        layers, _ = self._model.extract_features(waveform)  # type: ignore[operator]
        frames = torch.stack(layers).mean(dim=0)[0]
        return torch.cat([frames.mean(dim=0), frames.std(dim=0, correction=0)])


def _device() -> "torch.device":
    """A GPU where there is one: an encoder is worth it."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _from_hub(name: str, kind: Architecture) -> "nn.Module":
    from torchaudio import pipelines

    bundle = getattr(pipelines, kind.bundle)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # torch.hub says there what it fetches
            model: Any = bundle.get_model(dl_kwargs={"progress": False})
    except (OSError, RuntimeError, ValueError) as error:
        raise FrontEndError(
            f"features = {name!r}: its weights cannot be fetched ({_reason(error)}); put "
            f"https://download.pytorch.org/torchaudio/models/{bundle._path} on this machine and "
            "name it in encoder_weights"
        ) from error
    # A bundle that scales its input wraps the model to do so; that is done here for all alike.
    inner: nn.Module = model.model if kind.scaled else model
    return inner


def _from_file(name: str, kind: Architecture, weights: Path) -> "nn.Module":
    import torch
    from torchaudio import models

    factory: Callable[[], nn.Module] = getattr(models, kind.factory)
    model = factory()
    try:
        state: Any = torch.load(weights, map_location="cpu", weights_only=True)
        model.load_state_dict(state)
    except Exception as error:  # a file may be anything: torch raises what it happens to meet
        raise FrontEndError(
            f"encoder_weights = {str(weights)!r} are no weights of {name}: {_reason(error)}"
        ) from error
    return model


def _reason(error: Exception) -> str:
    said = " ".join(str(getattr(error, "reason", error)).split())
    return said if len(said) <= 160 else f"{said[:157]}..."


@lru_cache(maxsize=8)
def _digest(path: Path, _size: int, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]

"""The trained emotion model: features of a segment to emotion, scales, and an embedding."""

import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from models.calibration import softmax
from models.network import Network
from models.scaling import InputScaling
from models.threads import one_thread

FORMAT = 1
_BLOCK_ROWS = 16_384


class ModelError(ValueError):
    """A model file that is not one; the message is one line."""


@dataclass(frozen=True)
class Prediction:
    """What the model says of n segments.

    `proba` (n, k), calibrated, in the order of the model's classes; `scale_mean` and `scale_sd`
    (n, s) in scale units, in the order of the model's scales; `embedding` (n, e), where segments
    that the model hears alike lie close.
    """

    proba: NDArray[np.float64]
    scale_mean: NDArray[np.float64]
    scale_sd: NDArray[np.float64]
    embedding: NDArray[np.float32]


@dataclass(frozen=True)
class EmotionModel:
    """A trained network with its input scaling and its calibration.

    `classes` name the columns of `proba`, `scales` (name -> (low, high)) those of the scales;
    `feature_names` the columns of the features, empty when training was not told them.
    `temperature` and `sd_factors` (s,) are the calibration. `report` (JSON-able) says how the
    model came about: labels used, folds, epochs, what calibration was fitted on.
    """

    classes: tuple[str, ...]
    scales: Mapping[str, tuple[float, float]]
    scaling: InputScaling
    parameters: Mapping[str, NDArray[np.float32]]
    temperature: float = 1.0
    sd_factors: tuple[float, ...] = ()
    feature_names: tuple[str, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)

    @property
    def classes_(self) -> NDArray[np.str_]:
        """The classes as scikit-learn names them."""
        return np.asarray(self.classes)

    @property
    def n_features(self) -> int:
        """How many columns the features must have."""
        return self.scaling.n_inputs

    @cached_property
    def _network(self) -> Network:
        hidden, embed = self.parameters["hidden"], self.parameters["embed"]
        network = Network(
            1,
            hidden.shape[1],
            len(self.classes),
            len(self.scales),
            n_hidden=hidden.shape[2],
            n_embedding=embed.shape[2],
        )
        network.load_state_dict(
            {name: torch.from_numpy(np.array(value)) for name, value in self.parameters.items()}
        )
        return network.eval()

    def predict(self, features: ArrayLike) -> Prediction:
        """What it says of features (n, d); NaN is "not known". Raises ValueError on another d."""
        inputs = self.scaling.transform(features)
        blocks = [self._block(inputs[i : i + _BLOCK_ROWS]) for i in _starts(len(inputs))]
        logits, mean, log_variance, embedding = (
            np.concatenate(part) for part in zip(*blocks, strict=True)
        )
        low, high = self._ends()
        half = (high - low) / 2
        scale_mean = np.clip(low + (mean.astype(np.float64) + 1) * half, low, high)
        sd = np.exp(log_variance.astype(np.float64) / 2) * half * np.asarray(self.sd_factors)
        return Prediction(softmax(logits, self.temperature), scale_mean, sd, embedding)

    def _block(self, inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        with one_thread(), torch.inference_mode():
            said = self._network(torch.from_numpy(inputs))
        parts = (said.logits, said.mean, said.log_variance, said.embedding)
        return tuple(part[0].numpy() for part in parts)

    def _ends(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        ends = np.array(list(self.scales.values()), dtype=np.float64).reshape(-1, 2)
        return ends[:, 0], ends[:, 1]

    def predict_proba(self, features: ArrayLike) -> NDArray[np.float64]:
        """Calibrated probabilities (n, k), as scikit-learn and modAL ask for them."""
        return self.predict(features).proba

    def embed(self, features: ArrayLike) -> NDArray[np.float32]:
        """The embedding (n, e) alone."""
        return self.predict(features).embedding

    def save(self, path: Path | str) -> None:
        """One file of plain arrays and JSON, no pickle; the same model gives the same bytes.

        Written beside its place and renamed, so that a half-written model never stands there.
        """
        about = {
            "format": FORMAT,
            "classes": list(self.classes),
            "scales": {name: list(ends) for name, ends in self.scales.items()},
            "temperature": self.temperature,
            "sd_factors": list(self.sd_factors),
            "feature_names": list(self.feature_names),
            "report": dict(self.report),
        }
        arrays: dict[str, Any] = {
            f"network.{name}": np.asarray(value) for name, value in self.parameters.items()
        }
        for name in ("centre", "spread", "sometimes_missing"):
            arrays[f"scaling.{name}"] = getattr(self.scaling, name)
        buffer = io.BytesIO()
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
        np.savez(buffer, allow_pickle=False, **arrays)
        path = Path(path)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_bytes(buffer.getvalue())
        beside.replace(path)

    @classmethod
    def load(cls, path: Path | str) -> "EmotionModel":
        """The model that `save` wrote. Raises ModelError in one line for anything else."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                about = json.loads(stored["about"].tobytes())
                arrays = {name: stored[name] for name in stored.files if name != "about"}
            if about["format"] != FORMAT:
                raise ModelError(
                    f"model {path} is of format {about['format']}; this version reads {FORMAT}"
                )
            return cls._from(about, arrays)
        except ModelError:
            raise
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            reason = " ".join(str(error).split())
            raise ModelError(f"model {path} cannot be read: {reason}") from error

    @classmethod
    def _from(cls, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> "EmotionModel":
        return cls(
            classes=tuple(about["classes"]),
            scales={name: (ends[0], ends[1]) for name, ends in about["scales"].items()},
            scaling=InputScaling(
                arrays["scaling.centre"],
                arrays["scaling.spread"],
                arrays["scaling.sometimes_missing"],
            ),
            parameters={
                name.removeprefix("network."): array
                for name, array in arrays.items()
                if name.startswith("network.")
            },
            temperature=float(about["temperature"]),
            sd_factors=tuple(about["sd_factors"]),
            feature_names=tuple(about["feature_names"]),
            report=about["report"],
        )


def _starts(n_rows: int) -> Sequence[int]:
    return range(0, max(n_rows, 1), _BLOCK_ROWS)

"""The trained emotion model: features of a segment to emotion, scales, and an embedding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from models import model_file
from models.abstention import Evidence
from models.blend import Blend
from models.calibration import softmax
from models.linear import said
from models.listener import SHARE, Listener, answered
from models.model_file import ModelError
from models.network import Network, members
from models.threads import one_thread
from models.voices import VoiceScaling

__all__ = ["EmotionModel", "Memory", "ModelError", "Prediction"]

_BLOCK_ROWS = 16_384


@dataclass(frozen=True)
class Prediction:
    """What the model says of n segments.

    `proba` (n, k), calibrated, in the order of the model's classes, and `proba_leaves` (n, l) of
    its finest emotions; `scale_mean` and `scale_sd` (n, s) in scale units, in the order of the
    model's scales, NaN for a scale that nothing taught; `embedding` (n, e), where segments that
    the model hears alike lie close.
    """

    proba: NDArray[np.float64]
    scale_mean: NDArray[np.float64]
    scale_sd: NDArray[np.float64]
    embedding: NDArray[np.float32]
    proba_leaves: NDArray[np.float64]


@dataclass(frozen=True)
class Memory:
    """Some of the training segments: `embedding` (m, e), and of each its name and its label."""

    embedding: NDArray[np.float32]
    names: tuple[str, ...]
    labels: tuple[str, ...]

    def rows(self, chosen: Sequence[int]) -> "Memory":
        """Some of them alone."""
        return Memory(
            self.embedding[list(chosen)],
            tuple(self.names[i] for i in chosen),
            tuple(self.labels[i] for i in chosen),
        )


@dataclass(frozen=True)
class EmotionModel:
    """Linear members and a network over two views of the features, blended and calibrated.

    `classes` name the columns of `proba`, `scales` (name -> (low, high)) those of the scales;
    `feature_names` the columns of the features, empty when training was not told them. `leaves`
    are the finest emotions told apart, `parents` (l,) the class that each implies. `linear`
    (v, 2, D + 1, l) holds the logistic model's and the discriminant's coefficients for each view
    (as is, against the speaker's usual), `parameters` the network's, a member a view. `taught`
    (s,) says which scales anything was learnt about. `report` (JSON-able) says how the model came
    about: labels used, folds, epochs, what calibration was fitted on. `listener`, where there is
    one, answers too where frames are given.
    """

    classes: tuple[str, ...]
    scales: Mapping[str, tuple[float, float]]
    scaling: VoiceScaling
    linear: NDArray[np.float32]
    parameters: Mapping[str, NDArray[np.float32]]
    blend: Blend
    leaves: tuple[str, ...]
    parents: tuple[int, ...]
    sd_factors: tuple[float, ...]
    taught: tuple[bool, ...]
    evidence: Evidence
    memory: Memory
    feature_names: tuple[str, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)
    listener: Listener | None = None

    @property
    def classes_(self) -> NDArray[np.str_]:
        """The classes as scikit-learn names them."""
        return np.asarray(self.classes)

    @property
    def n_features(self) -> int:
        """How many columns the features must have."""
        return self.scaling.n_inputs

    @property
    def n_views(self) -> int:
        """2 where features are also seen against the speaker's usual, else 1."""
        return len(self.linear)

    @cached_property
    def network(self) -> Network:
        """The network, a member a view."""
        # First asked for while predicting or not: its slopes must be there to explain an answer.
        with torch.inference_mode(mode=False):
            state = {name: torch.from_numpy(np.array(v)) for name, v in self.parameters.items()}
            return members(state, range(self.n_views), len(self.scales))

    def inputs(
        self, features: ArrayLike, speakers: Sequence[str | None] | None = None
    ) -> NDArray[np.float64]:
        """Features (n, d) with what these rows tell of each one's speaker, for `predict`."""
        return self.scaling.wide(features, speakers)

    def predict(
        self, features: ArrayLike, tracks: Sequence[NDArray[np.floating]] | None = None
    ) -> Prediction:
        """What it says of features (n, d), or of `inputs`; NaN is "not known".

        With a listener, `tracks` are what it hears of each segment (`audio.tracks`); without
        them the members over functionals answer alone. Raises ValueError on another width, or
        another number of tracks.
        """
        table = np.asarray(features, dtype=np.float64)
        if tracks is not None and len(tracks) != len(table):
            raise ValueError(f"tracks of {len(table)} segments are expected, not {len(tracks)}")
        ears = self.listener if tracks is not None and len(table) else None
        heard = None if ears is None else ears.listen(tracks or ()).pooled
        parts = [
            self._block(
                table[i : i + _BLOCK_ROWS],
                None if heard is None else heard[:, i : i + _BLOCK_ROWS],
            )
            for i in _starts(len(table))
        ]
        logits, mean, variance, embedding = (
            np.concatenate(part) for part in zip(*parts, strict=True)
        )
        leaves = softmax(logits)
        low, high = self._ends()
        half = (high - low) / 2
        untaught = np.where(self.taught, 0.0, np.nan)
        scale_mean = np.clip(low + (mean + 1) * half, low, high) + untaught
        factors = self.sd_factors if ears is None else ears.sd_factors
        sd = np.sqrt(variance) * half * np.asarray(factors) + untaught
        return Prediction(leaves @ self._membership, scale_mean, sd, embedding, leaves)

    def _block(
        self, table: NDArray[np.float64], heard: NDArray[np.float32] | None
    ) -> tuple[NDArray[Any], ...]:
        views = self.scaling.branches(table)[: self.n_views]
        n_heard = _heard(table, self.n_features)
        with one_thread(), torch.inference_mode():
            answers = self.network(torch.from_numpy(views))
        network = answers.logits.double().numpy()
        logits = [
            [*(said(one, view) for one in pair), own]
            for pair, view, own in zip(self.linear, views, network, strict=True)
        ]
        blend = self.blend
        scales = [answers.mean.double().numpy(), answers.log_variance.double().exp().numpy()]
        if heard is not None and self.listener is not None:
            blend = self.listener.blend
            own, *told = answered(self.listener.networks, heard, views)
            logits = [[*parts, one] for parts, one in zip(logits, own, strict=True)]
            scales = [a + SHARE * (b - a) for a, b in zip(scales, told, strict=True)]
        leaning = blend.at(n_heard)[0][:, None]
        mean, variance = (part[0] + leaning * (part[-1] - part[0]) for part in scales)
        return blend.join(logits, n_heard), mean, variance, answers.embedding[-1].numpy()

    @cached_property
    def _membership(self) -> NDArray[np.float64]:
        return np.eye(len(self.classes))[list(self.parents)]

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
            "classes": list(self.classes),
            "leaves": list(self.leaves),
            "parents": list(self.parents),
            "scales": {name: list(ends) for name, ends in self.scales.items()},
            "kind": self.blend.kind,
            "sd_factors": list(self.sd_factors),
            "taught": list(self.taught),
            "feature_names": list(self.feature_names),
            "memory_names": list(self.memory.names),
            "memory_labels": list(self.memory.labels),
            "report": dict(self.report),
        }
        arrays = {
            "linear": self.linear,
            **{f"network.{name}": np.asarray(value) for name, value in self.parameters.items()},
            **{f"scaling.{name}": value for name, value in self.scaling.arrays().items()},
            "blend.member_temperature": self.blend.member_temperature,
            "blend.leaning": self.blend.leaning,
            "blend.temperature": self.blend.temperature,
            "evidence.confidence": self.evidence.confidence,
            "evidence.right": self.evidence.right,
            "evidence.truth": self.evidence.truth,
            "memory.embedding": self.memory.embedding,
        }
        if self.listener is not None:
            about["listener_kind"] = self.listener.blend.kind
            arrays |= {f"listener.{n}": value for n, value in self.listener.arrays().items()}
        model_file.write(path, about, arrays)

    @classmethod
    def load(cls, path: Path | str) -> "EmotionModel":
        """The model that `save` wrote. Raises ModelError in one line for anything else."""
        return model_file.read(path, cls._from)

    @classmethod
    def _from(cls, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> "EmotionModel":
        def part(prefix: str) -> dict[str, NDArray[Any]]:
            return {
                name.removeprefix(prefix): array
                for name, array in arrays.items()
                if name.startswith(prefix)
            }

        return cls(
            classes=tuple(about["classes"]),
            scales={name: (ends[0], ends[1]) for name, ends in about["scales"].items()},
            scaling=VoiceScaling.of_arrays(part("scaling.")),
            linear=arrays["linear"],
            parameters=part("network."),
            blend=Blend(about["kind"], **part("blend.")),
            leaves=tuple(about["leaves"]),
            parents=tuple(about["parents"]),
            sd_factors=tuple(about["sd_factors"]),
            taught=tuple(about["taught"]),
            evidence=Evidence(**part("evidence.")),
            memory=Memory(
                arrays["memory.embedding"],
                tuple(about["memory_names"]),
                tuple(about["memory_labels"]),
            ),
            feature_names=tuple(about["feature_names"]),
            report=about["report"],
            listener=(
                Listener.of_arrays(about["listener_kind"], part("listener."))
                if "listener_kind" in about
                else None
            ),
        )


def _heard(table: NDArray[np.float64], n_features: int) -> NDArray[np.float64]:
    return np.zeros(len(table)) if table.shape[1] == n_features else table[:, -1]


def _starts(n_rows: int) -> Sequence[int]:
    return range(0, max(n_rows, 1), _BLOCK_ROWS)

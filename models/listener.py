"""The listener: a network over frames, for those who have the frames, beside an emotion model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.abstention import Evidence
from models.blend import Blend
from models.frame_network import FrameNetwork, FrameShape, network_of
from models.frame_scaling import FrameScaling, alike_long, padded
from models.network import Answers
from models.threads import one_thread

_BATCH = 32
SHARE = 0.5
"""What it counts where scales are answered, beside the network over functionals."""


@dataclass(frozen=True)
class Attended:
    """What was heard of n clips: `pooled` (networks, n, P), and of each clip `attention` (T,), the
    share of attention on each of its rows of tracks."""

    pooled: NDArray[np.float32]
    attention: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True)
class Listener:
    """`networks` of one shape whose answers are averaged, and how they are used.

    `blend`, `evidence` and `sd_factors` hold where frames are heard, instead of the model's own.
    """

    scaling: FrameScaling
    shape: FrameShape
    states: tuple[Mapping[str, NDArray[np.float32]], ...]
    blend: Blend
    evidence: Evidence
    sd_factors: tuple[float, ...]

    @cached_property
    def networks(self) -> list[FrameNetwork]:
        """Ready to answer."""
        with torch.inference_mode(mode=False):
            return [
                network_of(self.shape, {n: torch.from_numpy(np.array(v)) for n, v in one.items()})
                for one in self.states
            ]

    def listen(self, tracks: Sequence[NDArray[np.floating]]) -> Attended:
        """Hear clips' tracks (T, C). Raises ValueError for another number of tracks."""
        return listen(self.networks, self.scaling.transform(tracks))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All it holds, by name, for a file."""
        return {
            "spread": self.scaling.spread,
            "shape": np.array(list(self.shape.as_json().values()), dtype=np.int64),
            **{
                f"network.{k}.{name}": value
                for k, one in enumerate(self.states)
                for name, value in one.items()
            },
            "blend.member_temperature": self.blend.member_temperature,
            "blend.leaning": self.blend.leaning,
            "blend.temperature": self.blend.temperature,
            "evidence.confidence": self.evidence.confidence,
            "evidence.right": self.evidence.right,
            "evidence.truth": self.evidence.truth,
            "sd_factors": np.array(self.sd_factors, dtype=np.float64),
        }

    @classmethod
    def of_arrays(cls, kind: str, arrays: Mapping[str, NDArray[Any]]) -> "Listener":
        """What `arrays` gave of a listener whose blend is of `kind`."""

        def part(prefix: str) -> dict[str, NDArray[Any]]:
            return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}

        n_networks = len({n.split(".")[1] for n in arrays if n.startswith("network.")})
        return cls(
            scaling=FrameScaling(arrays["spread"]),
            shape=FrameShape(*arrays["shape"].tolist()),
            states=tuple(part(f"network.{k}.") for k in range(n_networks)),
            blend=Blend(kind, **part("blend.")),
            evidence=Evidence(**part("evidence.")),
            sd_factors=tuple(arrays["sd_factors"].tolist()),
        )


def listen(networks: Sequence[FrameNetwork], scaled: Sequence[NDArray[np.float32]]) -> Attended:
    """What networks hear in scaled tracks (C, T)."""
    pooled = np.zeros((len(networks), len(scaled), networks[0].shape.n_pooled), np.float32)
    attention = [np.zeros(one.shape[1]) for one in scaled]
    lengths = np.array([one.shape[1] for one in scaled], dtype=np.int64)
    with one_thread(), torch.inference_mode():
        for rows in alike_long(lengths, _BATCH):
            values, there = padded([scaled[i] for i in rows])
            for k, network in enumerate(networks):
                heard = network.listen(values, there)
                pooled[k, rows] = heard.pooled.numpy()
                shares = heard.attention.mean(dim=1).double().numpy() / len(networks)
                for at, i in enumerate(rows):
                    attention[i] += shares[at, : lengths[i]]
    return Attended(pooled, tuple(attention))


def answered(
    networks: Sequence[FrameNetwork], pooled: NDArray[np.float32], inputs: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Networks' mean logits (v, n, k), and mean and variance of scales (v, n, s) over [-1, 1], from
    what they heard (networks, n, P) and the functionals' views (v, n, D)."""
    with one_thread(), torch.inference_mode():
        views = torch.from_numpy(np.ascontiguousarray(inputs, dtype=np.float32))
        each: list[Answers] = [
            network(torch.from_numpy(np.ascontiguousarray(own)), views)
            for network, own in zip(networks, pooled, strict=True)
        ]
    return (
        np.mean([one.logits.double().numpy() for one in each], axis=0),
        np.mean([one.mean.double().numpy() for one in each], axis=0),
        np.mean([one.log_variance.exp().double().numpy() for one in each], axis=0),
    )

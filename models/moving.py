"""What moved an answer: of each feature, how much it speaks for one emotion against the others."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from models.blend import SHARES, Blend
from models.emotion_model import EmotionModel
from models.threads import one_thread


@dataclass(frozen=True)
class Moved:
    """Of d features of one segment.

    `evidence` (d,) in nats: what each adds to the emotion's odds against the mean of all others,
    beside a clip that has it as usual. `usual` and `spread` (d,) are the speaker's, as far as
    known, else the training speakers'; `deviation` (d,) is how many spreads the value is from it.
    """

    evidence: NDArray[np.float64]
    usual: NDArray[np.float64]
    spread: NDArray[np.float64]
    deviation: NDArray[np.float64]


def moved(
    model: EmotionModel,
    wide: ArrayLike,
    leaf: int,
    tracks: NDArray[np.floating] | None = None,
) -> Moved:
    """For one row of `model.inputs` and the place of an emotion among `model.leaves`.

    Exact for the linear members; of the networks it is the gradient times the input. `tracks`
    are given where they were to `model.predict`.
    """
    row = np.asarray(wide, dtype=np.float64).reshape(1, -1)
    d = model.n_features
    if row.shape[1] == d:
        row = model.inputs(row)
    views = model.scaling.branches(row)[: model.n_views, 0]
    ears = model.listener if tracks is not None else None
    blend = model.blend if ears is None else ears.blend
    leaning, temperatures = (part[0] for part in blend.at(row[:, -1]))
    temperature = np.exp(np.log(temperatures).mean())
    slopes = _slopes(model, blend, views, leaf, tracks)
    shares = [1 - leaning, leaning] if model.n_views > 1 else [1.0]
    evidence = np.zeros(d)
    for view, slope, share in zip(views, slopes, shares, strict=True):
        told = share * slope * view / temperature
        evidence += told[:d]
        # Whether a feature was there at all is told in a column of its own.
        evidence[model.scaling.raw.sometimes_missing] += told[d:]
    usual, spread = row[0, d : 2 * d], row[0, 2 * d : 3 * d]
    deviation = np.nan_to_num((row[0, :d] - usual) / spread)
    return Moved(evidence, usual, spread, deviation)


def _slopes(
    model: EmotionModel,
    blend: Blend,
    views: NDArray[np.float32],
    leaf: int,
    tracks: NDArray[np.floating] | None,
) -> list[NDArray[np.float64]]:
    """(D,) a view: how the emotion's logit, less the mean logit, changes with each input."""
    shares = SHARES[blend.kind]
    out = []
    for v in range(len(views)):
        slope = np.zeros(views.shape[1])
        tempers = blend.member_temperature[v]
        for coefficients, share, t in zip(model.linear[v], shares, tempers, strict=False):
            slope += share * (coefficients[:-1, leaf] - coefficients[:-1].mean(axis=1)) / t
        out.append(slope)
    networks: list[tuple[int, Callable[[Tensor], Tensor]]] = []
    if shares[2]:
        networks.append((2, lambda inputs: model.network(inputs).logits))
    if shares[3] and model.listener is not None and tracks is not None:
        pooled = torch.from_numpy(model.listener.listen([tracks]).pooled)
        each = list(zip(model.listener.networks, pooled, strict=True))
        networks.append(
            (3, lambda x: torch.stack([one(own, x).logits for one, own in each]).mean(dim=0))
        )
    for member, answer in networks:
        slopes = _slope_of(answer, views, leaf)
        for v, slope in enumerate(slopes):
            out[v] = out[v] + shares[member] * slope / blend.member_temperature[v, member]
    return out


def _slope_of(
    answer: Callable[[Tensor], Tensor], views: NDArray[np.float32], leaf: int
) -> NDArray[np.float64]:
    """(v, D): the gradient of a network's logit, less the mean logit."""
    with one_thread(), torch.inference_mode(mode=False), torch.enable_grad():
        inputs = torch.from_numpy(views[:, None].copy()).requires_grad_()
        logits = answer(inputs)
        (logits[..., leaf] - logits.mean(dim=-1)).sum().backward()
        slopes = inputs.grad
    assert slopes is not None
    found: NDArray[np.float64] = slopes[:, 0].double().numpy()
    return found


def nearest(model: EmotionModel, embedding: NDArray[np.float32], n: int = 3) -> list[int]:
    """Places in `model.memory` of the training segments most alike, the nearest first."""
    if not len(model.memory.names):
        return []
    apart = np.linalg.norm(model.memory.embedding - embedding, axis=1)
    return np.argsort(apart, kind="stable")[:n].tolist()

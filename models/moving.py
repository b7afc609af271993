"""What moved an answer: of each feature, how much it speaks for one emotion against the others."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from models.blend import KINDS
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


def moved(model: EmotionModel, wide: ArrayLike, leaf: int) -> Moved:
    """For one row of `model.inputs` and the place of an emotion among `model.leaves`.

    Exact for the linear members; of the network it is the gradient times the input.
    """
    row = np.asarray(wide, dtype=np.float64).reshape(1, -1)
    d = model.n_features
    if row.shape[1] == d:
        row = model.inputs(row)
    views = model.scaling.branches(row)[: model.n_views, 0]
    leaning, temperatures = (part[0] for part in model.blend.at(row[:, -1]))
    temperature = np.exp(np.log(temperatures).mean())
    slopes = _slopes(model, views, leaf)
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
    model: EmotionModel, views: NDArray[np.float32], leaf: int
) -> list[NDArray[np.float64]]:
    """(D,) a view: how the emotion's logit, less the mean logit, changes with each input."""
    linear, network = KINDS[model.blend.kind]
    out = []
    for v in range(len(views)):
        tempers = model.blend.member_temperature[v]
        slope = np.zeros(views.shape[1])
        for coefficients, t in zip(model.linear[v], tempers, strict=False):
            apart = coefficients[:-1, leaf] - coefficients[:-1].mean(axis=1)
            slope += linear / 2 * apart / t
        out.append(slope)
    if network:
        with one_thread(), torch.enable_grad():
            inputs = torch.from_numpy(views[:, None].copy()).requires_grad_()
            logits = model.network(inputs).logits
            (logits[..., leaf] - logits.mean(dim=-1)).sum().backward()
            slopes = inputs.grad
        assert slopes is not None
        for v in range(len(views)):
            out[v] = out[v] + network * slopes[v, 0].numpy() / model.blend.member_temperature[v, 2]
    return out


def nearest(model: EmotionModel, embedding: NDArray[np.float32], n: int = 3) -> list[int]:
    """Places in `model.memory` of the training segments most alike, the nearest first."""
    if not len(model.memory.names):
        return []
    apart = np.linalg.norm(model.memory.embedding - embedding, axis=1)
    return np.argsort(apart, kind="stable")[:n].tolist()

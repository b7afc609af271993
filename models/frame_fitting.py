"""Fitting a network over frames: batches of clips about as long, changed anew each time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.device import Device
from models.frame_augmentation import Augmentation, augmented, paced
from models.frame_guides import GuideHeads, Guides, GuideShares
from models.frame_network import FrameNetwork, FrameShape, network_of
from models.frame_scaling import padded
from models.losses import beta_gaussian, discordance, soft_cross_entropy

Step = Callable[[int, int], None]
"""Called with (epochs done, of how many)."""


_APART = 7919


@dataclass(frozen=True)
class FrameRecipe:
    """How a network over frames is fitted; what is on and off follows the table in docs/model.md.

    `batch_clips` clips a step, at most `epoch_clips` an epoch, drawn by weight where there are
    more, and `least_steps` steps in all. Of a clip longer than `longest_frames` another stretch is
    heard each time. What is kept is the mean of the weights over the last `averaged` steps or so
    (exponential; Izmailov et al. 2018, Averaging Weights), after each of the `halts`, shares of all
    steps: held-out speakers say which. `n_networks` are fitted from different seeds and their
    answers averaged.
    """

    n_epochs: int = 12
    least_steps: int = 250
    batch_clips: int = 32
    halts: tuple[float, ...] = (0.25, 0.5, 1.0)
    averaged: float = 30.0
    epoch_clips: int = 3000
    longest_frames: int = 300
    learning_rate: float = 0.003
    weight_decay: float = 0.01
    dropout: float = 0.3
    scale_share: float = 0.3
    concordance_share: float = 0.5
    augmentation: Augmentation = field(default_factory=Augmentation)
    guides: GuideShares = field(default_factory=GuideShares)
    n_networks: int = 1


@dataclass(frozen=True)
class FrameLesson:
    """n clips to learn from and what each counts.

    `tracks` (C, T) each, scaled; `inputs` (v, n, D) the functionals' views; `proba` (n, k);
    `scales` (n, s) over [-1, 1], NaN = not known; `weight` (n,); `scale_weight` (n, s).
    """

    tracks: Sequence[NDArray[np.float32]]
    inputs: NDArray[np.float32]
    proba: NDArray[np.float32]
    scales: NDArray[np.float32]
    weight: NDArray[np.float32]
    scale_weight: NDArray[np.float32]
    guides: Guides | None = None

    @property
    def mass(self) -> NDArray[np.float64]:
        """(n,) what each clip counts in all."""
        mass: NDArray[np.float64] = (self.weight + self.scale_weight.sum(axis=1)).astype(float)
        return mass


def fit(
    lesson: FrameLesson,
    recipe: FrameRecipe,
    *,
    seed: int,
    halt: int | None = None,
    device: Device | None = None,
    progress: Step | None = None,
) -> list[list[FrameNetwork]]:
    """`recipe.n_networks` networks, on the CPU and ready to answer, as they are at each of
    `recipe.halts`; with `halt` as they are at that one alone, and nothing is fitted beyond it.

    Clips that count nothing are not heard; raises ValueError where all do.
    """
    if not (lesson.mass > 0).any():
        raise ValueError("no clip counts anything: a network over frames has nothing to learn")
    device = device or Device.best()
    whole = recipe.n_networks * recipe.n_epochs
    each = []
    for k in range(recipe.n_networks):

        def told(done: int, _: int, before: int = k * recipe.n_epochs) -> None:
            if progress is not None:
                progress(before + done, whole)

        each.append(_one(lesson, recipe, seed + _APART * k, halt, device, told))
    return [list(networks) for networks in zip(*each, strict=True)]


def _one(
    lesson: FrameLesson,
    recipe: FrameRecipe,
    seed: int,
    halt: int | None,
    device: Device,
    progress: Step,
) -> list[FrameNetwork]:
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    shape = FrameShape(
        n_tracks=lesson.tracks[0].shape[0],
        n_inputs=lesson.inputs.shape[2],
        n_views=lesson.inputs.shape[0],
        n_classes=lesson.proba.shape[1],
        n_scales=lesson.scales.shape[1],
    )
    network = FrameNetwork(shape, generator=generator).to(device.torch)
    guides = lesson.guides or Guides(np.zeros((len(lesson.tracks), 0), np.float32))
    n_phones = 1 + max((int(one.max(initial=-1)) for one in guides.phones), default=-1)
    heads = GuideHeads(shape, guides.rhythm.shape[1], n_phones).to(device.torch)
    optimiser = torch.optim.AdamW(
        [*network.parameters(), *heads.parameters()],
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        foreach=True,
    )
    heard = np.flatnonzero(lesson.mass > 0)
    n_steps = -(-min(len(heard), recipe.epoch_clips) // recipe.batch_clips)
    n_epochs = max(recipe.n_epochs, -(-recipe.least_steps // n_steps))
    halts = [max(1, round(share * n_epochs * n_steps)) for share in recipe.halts]
    halts = halts if halt is None else [halts[halt]]
    rising = max(1, n_epochs * n_steps // 10)
    rate = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda done: min(1, (done + 1) / rising))
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(1 - 1 / recipe.averaged))
    kept: list[FrameNetwork] = []
    step = 0
    while step < halts[-1]:
        for rows, counts in _epoch(lesson, heard, recipe, rng):
            loss = _loss(network, heads, lesson, rows, counts, recipe, generator, rng, device)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            rate.step()
            averaged.update_parameters(network)
            step += 1
            kept += [_copy(averaged.module, shape)] * halts.count(step)
            if step == halts[-1]:
                break
        progress(round(step / halts[-1] * recipe.n_epochs), recipe.n_epochs)
    return kept


def _copy(network: FrameNetwork, shape: FrameShape) -> FrameNetwork:
    return network_of(shape, network.state())


def _epoch(
    lesson: FrameLesson, heard: NDArray[np.int64], recipe: FrameRecipe, rng: np.random.Generator
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Batches of clips about as long, in any order, and by what their weights are divided."""
    mass = lesson.mass[heard]
    if len(heard) > recipe.epoch_clips:
        drawn = rng.choice(len(heard), recipe.epoch_clips, replace=False, p=mass / mass.sum())
        rows, share = heard[drawn], mass[drawn]  # drawn by weight: they count once each
    else:
        rows, share = heard, np.ones(len(heard))
    lengths = np.array([lesson.tracks[i].shape[1] for i in rows])
    # Not quite by length, or the same clips would always meet.
    key = np.minimum(lengths, recipe.longest_frames) * np.exp(rng.normal(0, 0.15, len(rows)))
    n = -(-len(rows) // recipe.batch_clips)
    batches = [np.sort(one) for one in np.array_split(np.argsort(key, kind="stable"), n)]
    return [(rows[batches[k]], share[batches[k]]) for k in rng.permutation(n)]


def _loss(
    network: FrameNetwork,
    heads: GuideHeads,
    lesson: FrameLesson,
    rows: NDArray[np.int64],
    counts: NDArray[np.float64],
    recipe: FrameRecipe,
    generator: torch.Generator,
    rng: np.random.Generator,
    device: Device,
) -> Tensor:
    """What is minimised on one batch, summed over the views of the functionals."""
    starts = [
        int(rng.integers(0, max(1, lesson.tracks[i].shape[1] - recipe.longest_frames + 1)))
        for i in rows
    ]
    cut = [slice(start, start + recipe.longest_frames) for start in starts]
    values, there = padded([lesson.tracks[i][:, c] for i, c in zip(rows, cut, strict=True)])
    speed = 1 + recipe.augmentation.speed * (2 * float(rng.random()) - 1)
    if speed != 1:
        values, there = paced(values, there, speed)
    values, there = values.to(device.torch), there.to(device.torch)
    changed = augmented(values, recipe.augmentation, generator)

    def part(table: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(table)).to(device.torch)

    with device.precision():
        heard = network.listen(changed, there, dropout=recipe.dropout, generator=generator)
        said = network(
            heard.pooled,
            part(lesson.inputs[:, rows]),
            dropout=recipe.dropout,
            generator=generator,
        )
    said = said.float()
    v = network.shape.n_views
    weight = part(lesson.weight[rows] / counts.astype(np.float32)).expand(v, -1)
    loss = soft_cross_entropy(said.logits, part(lesson.proba[rows]), weight)
    if network.shape.n_scales:
        scale_weight = part(lesson.scale_weight[rows] / counts[:, None].astype(np.float32))
        told = (part(lesson.scales[rows]), scale_weight.expand(v, -1, -1))
        apart = beta_gaussian(said.mean, said.log_variance, *told)
        loss = loss + recipe.scale_share * (
            apart + recipe.concordance_share * discordance(said.mean, *told)
        )
    total = loss.sum()
    if lesson.guides is not None:
        phones = _phones(lesson.guides, rows, cut, there.shape[1], device)
        rhythm = part(lesson.guides.rhythm[rows])
        total = total + heads.loss(heard, recipe.guides, values, there, rhythm, phones)
    return total


def _phones(
    guides: Guides,
    rows: NDArray[np.int64],
    cut: Sequence[slice],
    n_frames: int,
    device: Device,
) -> Tensor | None:
    """(n, T) the classes at the batch's speed, -1 where nothing was marked."""
    if not guides.phones:
        return None
    parts = [guides.phones[i][c] for i, c in zip(rows, cut, strict=True)]
    longest = max(len(one) for one in parts)
    table = np.full((len(parts), longest), -1.0, dtype=np.float32)
    for row, one in enumerate(parts):
        table[row, : len(one)] = one
    classes = torch.from_numpy(table)
    if longest != n_frames:
        classes = functional.interpolate(classes[:, None], size=n_frames, mode="nearest")[:, 0]
    return classes.long().to(device.torch)

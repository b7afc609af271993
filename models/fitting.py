"""Fitting the members of a network side by side, and stopping where held-out speakers say so."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.calibration import expected_log_loss, fit_temperature
from models.device import Device
from models.losses import beta_gaussian, discordance, soft_cross_entropy
from models.network import Network

Progress = Callable[[int, int], None]
"""Called with (epochs done, epochs at most) now and then."""


@dataclass(frozen=True)
class Recipe:
    """How members are fitted.

    The defaults were the best or level with it at 60, 150, 400 and all labels of nEMO and EMO-DB,
    leaving one speaker out, among learning rates of .001 to .01, dropout of .3 to .6 and penalties
    of 10 to 200 (linear) and 3 to 30 (perceptron). Penalties are divided by the summed weight.
    """

    learning_rate: float = 0.01
    l2_linear: float = 30.0
    l2_perceptron: float = 3.0
    dropout: float = 0.3
    scale_share: float = 0.3
    concordance_share: float = 0.5
    batch_rows: int = 1536
    check_every: int = 10
    patience: int = 6
    blind_epochs: int = 60


@dataclass(frozen=True)
class Lesson:
    """Rows to learn from, as tensors, and what each counts for each of m members.

    `inputs` (m, n, d) scaled, as each member sees them; `proba` (n, k); `scales` (n, s) over
    [-1, 1], NaN = not known; `weight` (m, n) and `scale_weight` (m, n, s).
    """

    inputs: Tensor
    proba: Tensor
    scales: Tensor
    weight: Tensor
    scale_weight: Tensor

    def rows(self, chosen: Tensor) -> "Lesson":
        """The lesson of some rows alone."""
        return Lesson(
            self.inputs[:, chosen],
            self.proba[chosen],
            self.scales[chosen],
            self.weight[:, chosen],
            self.scale_weight[:, chosen],
        )

    def on(self, device: torch.device) -> "Lesson":
        """The same lesson in a device's memory."""
        return Lesson(*(getattr(self, name).to(device) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class HeldOut:
    """Rows on which stopping and calibration are judged, each by members that never heard it.

    `row` (h,) and `member` (b, h) say which, one for each of b views of the features; `weight`
    (h,) and `scale_weight` (h, s) what each counts. No rows: training runs for
    `Recipe.blind_epochs`.
    """

    row: NDArray[np.int64]
    member: NDArray[np.int64]
    weight: NDArray[np.float64]
    scale_weight: NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """All members' parameters (each with a leading axis m) at the best epoch."""

    parameters: dict[str, Tensor]
    epochs: int


def fit(
    network: Network,
    lesson: Lesson,
    held_out: HeldOut,
    recipe: Recipe,
    *,
    max_epochs: int,
    generator: torch.Generator,
    progress: Progress | None = None,
    device: Device | None = None,
) -> Fitted:
    """Minimise the expected loss by Adam; keep the epoch that held-out rows found best.

    On `device` (default: the best there is); what is found comes back to the CPU.

    An epoch is one step over at most `recipe.batch_rows` rows, so that its cost is bounded
    whatever the size of the pool.
    """
    device = device or Device.best()
    network, lesson = network.to(device.torch), lesson.on(device.torch)
    strength = 1.0 / (lesson.weight.sum(dim=1) + lesson.scale_weight.sum(dim=1).sum(dim=-1) + 1e-9)
    optimiser = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, foreach=True)
    judged = len(held_out.row) > 0
    n_epochs = max_epochs if judged else min(max_epochs, recipe.blind_epochs)
    best, best_loss, n_worse = _judge(network, lesson, held_out, 0)[0], np.inf, 0
    for epoch in range(1, n_epochs + 1):
        batch = _batch(lesson, recipe.batch_rows, generator)
        _step(
            network,
            batch,
            recipe,
            strength=strength,
            optimiser=optimiser,
            generator=generator,
            device=device,
        )
        if epoch % recipe.check_every and epoch != n_epochs:
            continue
        if progress is not None:
            progress(epoch, n_epochs)
        state, loss = _judge(network, lesson, held_out, epoch)
        if not judged or loss < best_loss - 1e-4:
            best, best_loss, n_worse = state, loss, 0
        else:
            n_worse += 1
        if n_worse >= recipe.patience:
            break
    return best


def _step(
    network: Network,
    batch: Lesson,
    recipe: Recipe,
    *,
    strength: Tensor,
    optimiser: torch.optim.Optimizer,
    generator: torch.Generator,
    device: Device,
) -> None:
    with device.precision():
        said = network(batch.inputs, dropout=recipe.dropout, generator=generator)
    said = said.float()
    loss = soft_cross_entropy(said.logits, batch.proba, batch.weight)
    if network.n_scales:
        told = (batch.scales, batch.scale_weight)
        apart = beta_gaussian(said.mean, said.log_variance, *told)
        apart = apart + recipe.concordance_share * discordance(said.mean, *told)
        loss = loss + recipe.scale_share * apart
    loss = loss + network.penalty(recipe.l2_linear * strength, recipe.l2_perceptron * strength)
    optimiser.zero_grad()
    loss.sum().backward()
    optimiser.step()


def _batch(lesson: Lesson, n_rows: int, generator: torch.Generator) -> Lesson:
    n = lesson.inputs.shape[1]
    if n <= n_rows:
        return lesson
    # By the last member's weight: gold comes up often, a clip without a label never.
    mass = lesson.weight[-1] + lesson.scale_weight[-1].sum(dim=-1)
    chosen = torch.rand(n, generator=generator).to(mass.device).log() / mass.clamp_min(1e-12)
    rows = torch.topk(chosen, n_rows).indices
    return _evened(lesson.rows(rows), mass[rows])


def _evened(batch: Lesson, mass: Tensor) -> Lesson:
    """Rows drawn by weight count once each, or weight would count twice."""
    share = mass.clamp_min(1e-12)
    return Lesson(
        batch.inputs,
        batch.proba,
        batch.scales,
        batch.weight / share,
        batch.scale_weight / share[:, None],
    )


def _judge(network: Network, lesson: Lesson, held_out: HeldOut, epoch: int) -> tuple[Fitted, float]:
    """The state at this epoch, and the loss on held-out rows at their best temperature.

    At its best temperature, for calibration follows anyway: stopping should look at which
    emotion is likelier, not at how boldly it is said.
    """
    rows = torch.from_numpy(held_out.row)
    with torch.no_grad():
        said = network(lesson.inputs[:, rows]) if len(rows) else None
    loss = 0.0
    if said is not None:
        proba = lesson.proba[rows].double().cpu().numpy()
        truth = lesson.scales[rows].double().cpu().numpy()
        for member in held_out.member:
            own = (torch.from_numpy(member), torch.arange(len(rows)))
            loss += _loss(
                said.logits[own].double().cpu().numpy(),
                said.mean[own].double().cpu().numpy(),
                proba,
                truth,
                held_out,
            ) / len(held_out.member)
    return Fitted(network.state(), epoch), loss


def _loss(
    logits: NDArray[np.float64],
    mean: NDArray[np.float64],
    proba: NDArray[np.float64],
    truth: NDArray[np.float64],
    held_out: HeldOut,
) -> float:
    loss = 0.0
    if held_out.weight.sum() > 0:
        t = fit_temperature(logits, proba, held_out.weight)
        loss += expected_log_loss(logits, proba, held_out.weight, t)
    weight = held_out.scale_weight * np.isfinite(truth)
    if weight.sum() > 0:
        squared = np.where(np.isfinite(truth), truth - mean, 0.0) ** 2
        loss += float((squared * weight).sum() / weight.sum())
    return loss

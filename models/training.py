"""Training the emotion model on soft labels and gold, and calibrating it on what it never heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from models.calibration import expected_log_loss, fit_deviation_factor, fit_temperature
from models.emotion_model import EmotionModel
from models.fitting import Fitted, HeldOut, Lesson, Progress, Recipe, fit
from models.folds import Folds, speaker_folds
from models.network import Network
from models.scaling import InputScaling
from models.threads import one_thread

MIN_GOLD = 20
"""With fewer gold labels than this, stopping and calibration are judged on soft labels."""

WEAK_WORTH = 50.0
"""All weak labels together weigh as much as this many gold labels; see `weak_factor`."""

_MAX_HELD_OUT = 4000


class TrainingError(ValueError):
    """Labels that nothing can be learnt from; the message is one line."""


@dataclass(frozen=True)
class Targets:
    """What is known of n segments.

    `proba` (n, k): distribution over classes (one-hot for gold); `weight` (n,) in [0, 1]: how far
    it is trusted: 1 for gold, the soft label's confidence else, 0 = nothing is known.
    `scales` (n, s) in scale units, NaN = not known; `scale_weight` (n, s) likewise in [0, 1].
    `is_gold` (n,): which rows' labels are experts'.
    """

    proba: NDArray[np.float64]
    weight: NDArray[np.float64]
    scales: NDArray[np.float64]
    scale_weight: NDArray[np.float64]
    is_gold: NDArray[np.bool_]

    def check(self, n_rows: int, n_classes: int, n_scales: int) -> None:
        """Raises TrainingError in one line where shapes or values do not hold."""
        for name, shape in (
            ("proba", (n_rows, n_classes)),
            ("weight", (n_rows,)),
            ("scales", (n_rows, n_scales)),
            ("scale_weight", (n_rows, n_scales)),
            ("is_gold", (n_rows,)),
        ):
            if np.shape(getattr(self, name)) != shape:
                raise TrainingError(
                    f"targets.{name} must be of shape {shape}, not {np.shape(getattr(self, name))}"
                )
        for name in ("weight", "scale_weight"):
            values = np.asarray(getattr(self, name))
            if not (np.isfinite(values) & (values >= 0)).all():
                raise TrainingError(f"targets.{name} must be finite and not negative")
        told = np.asarray(self.weight) > 0
        sums = np.asarray(self.proba)[told].sum(axis=1)
        if not np.allclose(sums, 1.0, atol=1e-3):
            row = int(np.flatnonzero(told)[~np.isclose(sums, 1.0, atol=1e-3)][0])
            raise TrainingError(f"targets.proba of row {row} does not sum to 1")
        known = np.isfinite(self.scales) & (np.asarray(self.scale_weight) > 0)
        if not told.any() and not known.any():
            raise TrainingError("nothing to learn from: no row has a label that weighs anything")


def weak_factor(weight: ArrayLike, is_gold: ArrayLike, worth: float = WEAK_WORTH) -> float:
    """What the weak labels' weights are multiplied by beside gold.

    Weak labels are biased alike however many there are, so together they count as `worth` gold
    labels, at most their summed confidence: their share of the loss is worth / (worth + n_gold)
    and fades as gold comes in. Without gold there is nothing to fade beside, and it is 1.
    """
    weights, gold = np.asarray(weight, dtype=np.float64), np.asarray(is_gold, dtype=bool)
    mass = weights[~gold].sum()
    if mass <= worth or not (weights[gold] > 0).any():
        return 1.0
    return float(worth / mass)


def class_factors(
    proba: ArrayLike, weight: ArrayLike, strength: float = 0.5
) -> NDArray[np.float64]:
    """What a row of each class (k,) counts, so that rare emotions are not drowned.

    (even share / share)**strength, at most 4; 0 leaves classes as common as they are.
    """
    mass = np.asarray(weight, dtype=np.float64) @ np.asarray(proba, dtype=np.float64)
    present = mass > 0
    factors = np.ones(len(mass))
    if present.any():
        share = mass[present] / mass.sum()
        factors[present] = np.minimum((1 / present.sum() / share) ** strength, 4.0)
    return factors


def train(
    features: ArrayLike,
    targets: Targets,
    speakers: Sequence[str | None],
    *,
    classes: Sequence[str],
    scales: Mapping[str, tuple[float, float]],
    seed: int,
    max_epochs: int = 300,
    feature_names: Sequence[str] = (),
    weak_worth: float = WEAK_WORTH,
    class_balance: float = 0.5,
    n_folds: int = 5,
    recipe: Recipe | None = None,
    progress: Progress | None = None,
) -> EmotionModel:
    """A calibrated model of features (n, d) from what is known of them.

    One member a speaker-disjoint fold and one over all rows are fitted side by side; the folds'
    answers on their own held-out gold (soft labels where gold is below `MIN_GOLD`) choose the
    epoch and fit the temperature and the deviations' factors. The same seed and data give the
    same bits. Raises TrainingError where there is nothing to learn from.
    """
    table = np.asarray(features, dtype=np.float64)
    classes, scales = tuple(classes), dict(scales)
    targets.check(len(table), len(classes), len(scales))
    recipe = recipe or Recipe()
    rows = np.flatnonzero((targets.weight > 0) | (targets.scale_weight > 0).any(axis=1))
    known = _rows(targets, rows)
    scaling = InputScaling.fit(table)
    judged_by_gold = int((known.is_gold & (known.weight > 0)).sum()) >= MIN_GOLD
    judging = known.is_gold if judged_by_gold else np.ones(len(rows), dtype=bool)
    folds = speaker_folds(
        [speakers[i] for i in rows], judging * (known.weight + 1e-3), n_folds=n_folds, seed=seed
    )
    factor = weak_factor(known.weight, known.is_gold, weak_worth)
    with one_thread():
        generator = torch.Generator().manual_seed(seed)
        lesson = _lesson(
            scaling.transform(table[rows]), known, folds, scales, factor, class_balance
        )
        held_out = _held_out(known, judging, folds, seed)
        network = Network(
            lesson.weight.shape[0],
            scaling.n_outputs,
            len(classes),
            len(scales),
            generator=generator,
        )
        fitted = fit(
            network,
            lesson,
            held_out,
            recipe,
            max_epochs=max_epochs,
            generator=generator,
            progress=progress,
        )
    temperature, sd_factors = _calibration(fitted, lesson, held_out)
    return EmotionModel(
        classes=classes,
        scales=scales,
        scaling=scaling,
        parameters={name: value.numpy() for name, value in fitted.parameters.items()},
        temperature=temperature,
        sd_factors=sd_factors,
        feature_names=tuple(feature_names),
        report=_report(known, folds, fitted, lesson, held_out, temperature, factor, judged_by_gold),
    )


def _rows(targets: Targets, rows: NDArray[np.int64]) -> Targets:
    return Targets(
        targets.proba[rows],
        targets.weight[rows],
        targets.scales[rows],
        targets.scale_weight[rows],
        np.asarray(targets.is_gold, dtype=bool)[rows],
    )


def _lesson(
    inputs: NDArray[np.float32],
    known: Targets,
    folds: Folds,
    scales: Mapping[str, tuple[float, float]],
    factor: float,
    class_balance: float,
) -> Lesson:
    trust = np.where(known.is_gold, 1.0, factor)
    proba = np.where(known.weight[:, None] > 0, known.proba, 0.0)
    weight = known.weight * trust
    weight = weight * (proba @ class_factors(proba, weight, class_balance))
    ends = np.array(list(scales.values()), dtype=np.float64).reshape(-1, 2)
    unit = 2 * (known.scales - ends[:, 0]) / (ends[:, 1] - ends[:, 0]) - 1
    scale_weight = np.where(np.isfinite(unit), known.scale_weight, 0.0) * trust[:, None]
    heard = np.ones((folds.n_folds + 1 if folds.n_folds > 1 else 1, len(inputs)))
    if folds.n_folds > 1:
        heard[folds.of_row, np.arange(len(inputs))] = 0.0

    def tensor(values: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))

    return Lesson(
        tensor(inputs),
        tensor(proba),
        tensor(unit),
        tensor(heard * weight),
        tensor(heard[:, :, None] * scale_weight),
    )


def _held_out(known: Targets, judging: NDArray[np.bool_], folds: Folds, seed: int) -> HeldOut:
    row = np.flatnonzero(judging) if folds.n_folds > 1 else np.empty(0, dtype=np.int64)
    if len(row) > _MAX_HELD_OUT:
        row = np.sort(np.random.default_rng(seed).choice(row, _MAX_HELD_OUT, replace=False))
    scale_weight = np.where(np.isfinite(known.scales), known.scale_weight, 0.0)
    return HeldOut(row, folds.of_row[row], known.weight[row], scale_weight[row])


def _calibration(
    fitted: Fitted, lesson: Lesson, held_out: HeldOut
) -> tuple[float, tuple[float, ...]]:
    proba = lesson.proba.double().numpy()[held_out.row]
    truth = lesson.scales.double().numpy()[held_out.row]
    temperature = fit_temperature(fitted.held_out_logits, proba, held_out.weight)
    factors = (
        fit_deviation_factor(
            fitted.held_out_mean[:, j],
            fitted.held_out_sd[:, j],
            truth[:, j],
            held_out.scale_weight[:, j],
        )
        for j in range(truth.shape[1])
    )
    return temperature, tuple(factors)


def _report(
    known: Targets,
    folds: Folds,
    fitted: Fitted,
    lesson: Lesson,
    held_out: HeldOut,
    temperature: float,
    factor: float,
    judged_by_gold: bool,
) -> dict[str, Any]:
    n_gold = int((known.is_gold & (known.weight > 0)).sum())
    judged_on = "gold" if judged_by_gold else f"soft labels (only {n_gold} gold, {MIN_GOLD} needed)"
    if not len(held_out.row):
        judged_on = "nothing: there is no second clip to hold out"
    proba = lesson.proba.double().numpy()[held_out.row]
    loss = expected_log_loss(fitted.held_out_logits, proba, held_out.weight, temperature)
    return {
        "n_gold": n_gold,
        "n_weak": int((~known.is_gold & (known.weight > 0)).sum()),
        "weak_factor": round(factor, 6),
        "n_folds": folds.n_folds,
        "folds_by": folds.by,
        "epochs": fitted.epochs,
        "calibrated_on": judged_on,
        "temperature": round(temperature, 4),
        "out_of_fold_log_loss": round(loss, 4) if np.isfinite(loss) else None,
    }

"""Training the emotion model on soft labels and gold, and calibrating it on what it never heard."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from labels import metrics
from models.calibration import fit_deviation_factor, fit_temperature, softmax
from models.emotion_model import EmotionModel
from models.fitting import Fitted, HeldOut, Lesson, Progress, Recipe, fit
from models.folds import Folds, speaker_folds
from models.network import Network
from models.scaling import InputScaling
from models.targets import Targets, TrainingError
from models.threads import one_thread
from models.weights import WEAK_WORTH, class_factors, weak_factor

__all__ = ["MIN_GOLD", "Targets", "TrainingError", "train"]

MIN_GOLD = 20
"""With fewer gold labels than this, stopping and calibration are judged on soft labels."""

_MAX_HELD_OUT = 4000


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
            scaling.transform(table[rows]),
            known,
            folds,
            scales,
            factor=factor,
            class_balance=class_balance,
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
        report=_report(
            known,
            folds,
            fitted,
            held_out,
            temperature=temperature,
            factor=factor,
            judged_by_gold=judged_by_gold,
        ),
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
    *,
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
    held_out: HeldOut,
    *,
    temperature: float,
    factor: float,
    judged_by_gold: bool,
) -> dict[str, Any]:
    is_gold = known.is_gold & (known.weight > 0)
    n_gold = int(is_gold.sum())
    judged_on = "gold" if judged_by_gold else f"soft labels (only {n_gold} gold, {MIN_GOLD} needed)"
    if not len(held_out.row):
        judged_on = "nothing: there is no second clip to hold out"
    truth = np.where(is_gold, known.proba.argmax(axis=1), -1)[held_out.row]
    scored = metrics.scores(softmax(fitted.held_out_logits, temperature), truth)
    return {
        "n_gold": n_gold,
        "n_weak": int((~known.is_gold & (known.weight > 0)).sum()),
        "weak_factor": round(factor, 6),
        "n_folds": folds.n_folds,
        "folds_by": folds.by,
        "epochs": fitted.epochs,
        "calibrated_on": judged_on,
        "temperature": round(temperature, 4),
        "out_of_fold": {
            name: round(value, 4) for name, value in scored.items() if np.isfinite(value)
        },
    }

"""Training the emotion model on soft labels and gold, and calibrating it on what it never heard."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from labels.confounding import Confounding, confounding
from models.blend import KINDS
from models.device import Device
from models.emotion_model import EmotionModel, Memory
from models.fitting import Fitted, HeldOut, Lesson, Progress, Recipe, fit
from models.folds import Folds, speaker_folds
from models.frame_fitting import FrameRecipe
from models.frame_guides import Guides
from models.frame_scaling import Tracks
from models.held_out_answers import answer, deviation_factors
from models.judging import asked_rows, chosen_blend, for_the_pool, held_out_rows
from models.linear import fit_discriminant, fit_logistic
from models.listening import with_listener
from models.network import Network
from models.targets import Targets, TrainingError
from models.threads import one_thread
from models.training_record import MIN_GOLD, counts, judged, remembering, tree
from models.views import Views
from models.weak_worth import learnt_worth
from models.weights import class_factors, sharpened, weak_factor

__all__ = ["MIN_GOLD", "Targets", "TrainingError", "train"]


def train(
    features: ArrayLike,
    targets: Targets,
    speakers: Sequence[str | None],
    *,
    classes: Sequence[str],
    scales: Mapping[str, tuple[float, float]],
    seed: int,
    parents: Sequence[str] | None = None,
    max_epochs: int = 300,
    feature_names: Sequence[str] = (),
    row_names: Sequence[str] | None = None,
    weak_worth: float | None = None,
    class_balance: float = 0.5,
    n_folds: int = 5,
    kinds: Sequence[str] = tuple(KINDS),
    normalise: bool = True,
    recipe: Recipe | None = None,
    device: Device | None = None,
    tracks: Tracks | None = None,
    guides: Guides | None = None,
    frame_recipe: FrameRecipe | None = None,
    progress: Progress | None = None,
) -> EmotionModel:
    """A calibrated model of features (n, d) from what is known of them.

    Linear members and a network, each on the features as they are and (with `normalise`) against
    the speaker's usual, are fitted for every speaker-disjoint fold and over all rows. The folds'
    answers on their own held-out gold (soft labels where gold is below `MIN_GOLD`) choose the
    epoch, which of `kinds` answers, how far the speaker's usual is leaned on, and the calibration.
    What all weak labels together are worth beside gold is `weak_worth` gold labels, or (None)
    learnt on held-out gold; those that people voted on are taught sharper than they are
    (`models.weights.sharpened`).
    `parents` names the class that each of `classes` implies, where those are finer emotions;
    `row_names` what to call a row when it is the nearest to something.
    The network is fitted on `device` (default: a GPU where there is one). With `tracks` (n) of the
    segments (`audio.tracks`) a network over frames is fitted too, by `frame_recipe`, `guides`
    asking it beside the emotion; the model has it where it clearly pays. The same seed and data
    give the same bits on one device. Raises TrainingError where there is nothing to
    learn from.
    """
    table = np.asarray(features, dtype=np.float64)
    classes, scales = tuple(classes), dict(scales)
    targets.check(len(table), len(classes), len(scales))
    rows = np.flatnonzero((targets.weight > 0) | (targets.scale_weight > 0).any(axis=1))
    known = targets.rows(rows)
    judged_by_gold = int((known.is_gold & (known.weight > 0)).sum()) >= MIN_GOLD
    judging = known.is_gold if judged_by_gold else np.ones(len(rows), dtype=bool)
    folds = speaker_folds(
        [speakers[i] for i in rows], judging * (known.weight + 1e-3), n_folds=n_folds, seed=seed
    )
    alike = _alike(known, [speakers[i] for i in rows])
    voices = [None if name in alike.single else name for name in speakers]
    n_views = 2 if normalise and not alike.is_general else 1
    views = Views.of(table, voices, rows, folds, n_views=n_views)
    with one_thread():
        worth, worths = weak_worth, {}
        of_people = np.zeros(len(rows), dtype=bool) if known.heard is None else known.heard
        taught = replace(known, proba=sharpened(known.proba, of_people & ~known.is_gold))
        if worth is None:
            worth, worths = learnt_worth(
                views,
                known,
                taught.proba,
                lambda tried: _weights(known, tried, class_balance),
                seed,
            )
        factor = weak_factor(known.weight, known.is_gold, worth)
        lesson = _lesson(views, taught, folds, scales, _weights(known, worth, class_balance))
        held_out = held_out_rows(known, judging, folds, views, seed)
        linear = _linear(views, lesson, kinds, seed)
        fitted = _network(
            views,
            lesson,
            held_out,
            recipe=recipe or Recipe(),
            max_epochs=max_epochs,
            seed=seed,
            device=device,
            progress=progress,
        )
        asked = asked_rows(known, held_out, folds, views, seed)
        everywhere = answer(views, linear, fitted, asked, len(scales), seed)
    answered = everywhere.rows(np.isin(asked.row, held_out.row))
    truth = np.where(known.weight[:, None] > 0, known.proba, 0.0)[held_out.row]
    blend, losses = chosen_blend(answered, truth, held_out, kinds, views)
    blend, counted = for_the_pool(blend, everywhere, known, asked, held_out, views)
    membership, basic, parent_of = tree(classes, parents)
    evidence, figures = judged(answered, blend, known, held_out, membership, seed)
    model = EmotionModel(
        classes=basic,
        scales=scales,
        scaling=views.scaling,
        linear=linear[:, -1].astype(np.float32),
        parameters={name: value.numpy()[views.full] for name, value in fitted.parameters.items()},
        blend=blend,
        leaves=classes,
        parents=parent_of,
        sd_factors=deviation_factors(
            answered, blend, lesson.scales.double().numpy()[held_out.row], held_out.scale_weight
        ),
        taught=tuple(bool(w > 0) for w in lesson.scale_weight[-1].sum(dim=0)),
        evidence=evidence,
        memory=Memory(np.zeros((0, fitted.parameters["embed"].shape[2]), np.float32), (), ()),
        feature_names=tuple(feature_names),
        report={
            **counts(known, folds, factor, judged_by_gold, len(held_out.row)),
            "weak_worth": worth,
            "weak_worths_log_loss": worths,
            "epochs": fitted.epochs,
            "kind": blend.kind,
            "kinds_log_loss": losses,
            **({"calibrated_with": counted} if counted else {}),
            "leaning_on_the_speaker": [round(float(x), 3) for x in blend.leaning],
            "temperature": round(float(np.exp(np.log(blend.temperature[-1]).mean())), 4),
            **({"single_emotion_speakers": alike.note()} if alike.single else {}),
            **figures,
        },
    )
    model = remembering(model, views, known, row_names, seed)
    if tracks is None:
        return model
    return with_listener(
        model,
        [tracks[i] for i in rows],
        everywhere,
        views=views,
        lesson=lesson,
        known=known,
        asked=asked,
        held_out=held_out,
        recipe=frame_recipe or FrameRecipe(),
        guides=guides and guides.rows(rows),
        seed=seed,
        device=device,
        progress=progress,
    )


def _alike(known: Targets, speakers: Sequence[str | None]) -> Confounding:
    """Who shows a single emotion, by gold: their usual is that emotion's, and is not used."""
    gold = known.is_gold & (known.weight > 0)
    shown = np.where(gold, known.proba.argmax(axis=1), -1)
    return confounding(shown, [name or f"row {i}" for i, name in enumerate(speakers)])


def _weights(known: Targets, worth: float, class_balance: float) -> NDArray[np.float64]:
    """What each row counts for emotion (n,), all weak labels together as `worth` gold ones."""
    trust = np.where(known.is_gold, 1.0, weak_factor(known.weight, known.is_gold, worth))
    weight = known.weight * trust
    proba = np.where(known.weight[:, None] > 0, known.proba, 0.0)
    counts: NDArray[np.float64] = weight * (proba @ class_factors(proba, weight, class_balance))
    return counts


def _lesson(
    views: Views,
    known: Targets,
    folds: Folds,
    scales: Mapping[str, tuple[float, float]],
    weight: NDArray[np.float64],
) -> Lesson:
    proba = np.where(known.weight[:, None] > 0, known.proba, 0.0)
    # Ratings of weak labels keep their worth: there is seldom gold that says what they are worth.
    trust = np.where(known.is_gold, 1.0, weak_factor(known.weight, known.is_gold))
    ends = np.array(list(scales.values()), dtype=np.float64).reshape(-1, 2)
    unit = 2 * (known.scales - ends[:, 0]) / (ends[:, 1] - ends[:, 0]) - 1
    scale_weight = np.where(np.isfinite(unit), known.scale_weight, 0.0) * trust[:, None]
    heard = np.ones((views.n_models, len(weight)))
    if views.n_models > 1:
        heard[folds.of_row, np.arange(len(weight))] = 0.0
    heard = np.tile(heard, (views.n_views, 1))

    def tensor(values: NDArray[Any]) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))

    return Lesson(
        tensor(views.inputs),
        tensor(proba),
        tensor(unit),
        tensor(heard * weight),
        tensor(heard[:, :, None] * scale_weight),
    )


def _linear(views: Views, lesson: Lesson, kinds: Sequence[str], seed: int) -> NDArray[np.float64]:
    """Coefficients (v, models, 2, D + 1, k) of both linear members, a model a fold and over all."""
    proba = lesson.proba.double().numpy()
    n, k = proba.shape
    out = np.zeros((views.n_views, views.n_models, 2, views.n_columns + 1, k))
    if not any(KINDS[kind][0] for kind in kinds):
        return out
    weight = lesson.weight.double().numpy().reshape(views.n_views, views.n_models, n)
    for v in range(views.n_views):
        for m in range(views.n_models):
            inputs, counts = views.inputs[v * views.n_models + m], weight[v, m]
            out[v, m, 0] = fit_logistic(inputs, proba, counts, seed=seed)
            out[v, m, 1] = fit_discriminant(inputs, proba, counts)
    return out


def _network(
    views: Views,
    lesson: Lesson,
    held_out: HeldOut,
    *,
    recipe: Recipe,
    max_epochs: int,
    seed: int,
    device: Device | None,
    progress: Progress | None,
) -> Fitted:
    generator = torch.Generator().manual_seed(seed)
    network = Network(
        lesson.weight.shape[0],
        views.n_columns,
        lesson.proba.shape[1],
        lesson.scales.shape[1],
        generator=generator,
    )
    return fit(
        network,
        lesson,
        held_out,
        recipe,
        max_epochs=max_epochs,
        generator=generator,
        progress=progress,
        device=device,
    )

"""Teaching a listener, and whether it pays: judged on speakers that its folds never heard."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.blend import LEVELS, LISTENING
from models.device import Device
from models.emotion_model import EmotionModel
from models.fitting import HeldOut, Lesson, Progress
from models.frame_fitting import FrameLesson, FrameRecipe, fit
from models.frame_guides import Guides
from models.frame_network import FrameNetwork
from models.frame_scaling import FrameScaling, Tracks
from models.held_out_answers import Answered, deviation_factors
from models.judging import chosen_blend, for_the_pool
from models.listener import SHARE, Listener, answered, listen
from models.targets import Targets
from models.training_record import judged
from models.views import Views


def with_listener(
    model: EmotionModel,
    tracks: Tracks,
    everywhere: Answered,
    *,
    views: Views,
    lesson: Lesson,
    known: Targets,
    asked: HeldOut,
    held_out: HeldOut,
    recipe: FrameRecipe,
    guides: Guides | None,
    seed: int,
    device: Device | None = None,
    progress: Progress | None = None,
) -> EmotionModel:
    """The model with a listener where held-out speakers are clearly heard better with one.

    `tracks` are those of the labelled rows, as `views` has them; `everywhere` what the members
    over functionals say of `asked`. A network over frames is fitted a fold and, where it pays,
    over all rows. What kinds were worth is in the report either way.
    """
    n_models = views.n_models
    if n_models < 2 or not held_out.weight.sum() > 0 or views.folds.by == "clip":
        return model
    total = n_models * recipe.n_networks * recipe.n_epochs
    taught = _Teaching(tracks, views, lesson, recipe, guides, seed, device, progress, total)
    fitted = [taught.model(m) for m in range(n_models - 1)]
    proba = lesson.proba.double().numpy()[held_out.row]
    is_judge = np.isin(asked.row, held_out.row)
    tried = []
    for halt in range(len(recipe.halts)):
        at_halt = [(scaling, networks[halt]) for scaling, networks in fitted]
        joined = _answered(everywhere, at_halt, tracks, views, asked, seed)
        inside = joined.rows(is_judge)
        kinds = (model.blend.kind, LISTENING)
        tried.append((joined, inside, *chosen_blend(inside, proba, held_out, kinds, views)))
    halt = int(np.argmin([losses[LISTENING] for *_, losses in tried]))
    joined, inside, blend, losses = tried[halt]
    report = {
        **model.report,
        "listening_log_loss": losses,
        "listening": blend.kind == LISTENING,
        "listening_halt": recipe.halts[halt],
    }
    if blend.kind != LISTENING:
        return replace(model, report=report)
    blend, _ = for_the_pool(blend, joined, known, asked, held_out, views)
    membership = np.eye(len(model.classes))[list(model.parents)]
    evidence, figures = judged(inside, blend, known, held_out, membership, seed)
    factors = deviation_factors(
        inside, blend, lesson.scales.double().numpy()[held_out.row], held_out.scale_weight
    )
    scaling, (networks,) = taught.model(n_models - 1, halt)
    listener = Listener(
        scaling=scaling,
        shape=networks[0].shape,
        states=tuple({n: v.numpy() for n, v in one.state().items()} for one in networks),
        blend=blend,
        evidence=evidence,
        sd_factors=factors,
    )
    return replace(model, listener=listener, report={**report, "listening_figures": figures})


class _Teaching:
    """One network over frames (or several, averaged) a fold, and over all rows."""

    def __init__(
        self,
        tracks: Tracks,
        views: Views,
        lesson: Lesson,
        recipe: FrameRecipe,
        guides: Guides | None,
        seed: int,
        device: Device | None,
        progress: Progress | None,
        total: int,
    ) -> None:
        self._tracks, self._views, self._lesson = tracks, views, lesson
        self._recipe, self._guides, self._seed = recipe, guides, seed
        self._device, self._progress, self._total = device, progress, total

    def model(
        self, m: int, halt: int | None = None
    ) -> tuple[FrameScaling, list[list[FrameNetwork]]]:
        """Of the rows that model m is fitted on, at every halt or at one."""
        n = len(self._tracks)
        weight = self._lesson.weight.numpy().reshape(-1, self._views.n_models, n)[0, m]
        scales = self._lesson.scale_weight.numpy()
        scale_weight = scales.reshape(-1, self._views.n_models, n, scales.shape[-1])[0, m]
        heard = np.flatnonzero((weight > 0) | (scale_weight > 0).any(axis=1))
        scaling = FrameScaling.fit([self._tracks[i] for i in heard])
        guides = self._guides
        lesson = FrameLesson(
            scaling.transform([self._tracks[i] for i in heard]),
            self._views.inputs.reshape(-1, self._views.n_models, n, self._views.n_columns)[
                :, m, heard
            ],
            self._lesson.proba.numpy()[heard],
            self._lesson.scales.numpy()[heard],
            weight[heard],
            scale_weight[heard],
            guides and guides.rows(heard),
        )
        done = m * self._recipe.n_networks * self._recipe.n_epochs

        def told(now: int, _: int) -> None:
            if self._progress is not None:
                self._progress(done + now, self._total)

        return scaling, fit(
            lesson, self._recipe, seed=self._seed, halt=halt, device=self._device, progress=told
        )


def _answered(
    everywhere: Answered,
    fitted: Sequence[tuple[FrameScaling, list[FrameNetwork]]],
    tracks: Tracks,
    views: Views,
    asked: HeldOut,
    seed: int,
) -> Answered:
    """The same answers with those of the networks over frames beside them as a fourth member."""
    v, h = views.n_views, len(asked.row)
    k, s = everywhere.logits[0][0][0].shape[1], everywhere.mean[0].shape[2]
    logits = {level: np.zeros((v, h, k)) for level in LEVELS}
    mean = {level: one.copy() for level, one in everywhere.mean.items()}
    variance = {level: one.copy() for level, one in everywhere.variance.items()}
    for fold, (scaling, networks) in enumerate(fitted):
        rows = np.flatnonzero(views.folds.of_row == fold)
        at = np.flatnonzero(np.isin(asked.row, rows))
        if not len(at):
            continue
        inside = np.searchsorted(rows, asked.row[at])
        heard = listen(networks, scaling.transform([tracks[i] for i in asked.row[at]]))
        for level in LEVELS:
            inputs = views.held_out(fold, level, seed)[:, inside]
            own, own_mean, own_variance = answered(networks, heard.pooled, inputs)
            logits[level][:, at] = own
            if s:
                mean[level][:, at] += SHARE * (own_mean - mean[level][:, at])
                variance[level][:, at] += SHARE * (own_variance - variance[level][:, at])
    parted: Mapping[int, list[list[NDArray[Any]]]] = {
        level: [[*view, logits[level][i]] for i, view in enumerate(one)]
        for level, one in everywhere.logits.items()
    }
    return Answered(dict(parted), mean, variance)

"""What a training leaves beside the model: what it was judged by, came from, and heard."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labels import metrics
from models.abstention import Evidence
from models.blend import LEVELS, Blend
from models.calibration import softmax
from models.emotion_model import EmotionModel, Memory
from models.fitting import HeldOut
from models.folds import Folds
from models.held_out_answers import Answered
from models.targets import Targets
from models.views import Views

MIN_GOLD = 20
"""With fewer gold labels than this, stopping and calibration are judged on soft labels."""

_MAX_EVIDENCE = 1000
_MAX_MEMORY = 500


def tree(
    classes: tuple[str, ...], parents: Sequence[str] | None
) -> tuple[NDArray[np.float64], tuple[str, ...], tuple[int, ...]]:
    """(membership (l, k), the basic classes, each leaf's place among them)."""
    above = tuple(classes if parents is None else parents)
    basic = tuple(dict.fromkeys(above))
    parent_of = tuple(basic.index(name) for name in above)
    return np.eye(len(basic))[list(parent_of)], basic, parent_of


def judged(
    answered: Answered,
    blend: Blend,
    known: Targets,
    held_out: HeldOut,
    membership: NDArray[np.float64],
    seed: int,
) -> tuple[Evidence, dict[str, Any]]:
    """What abstention is judged by, and the figures on held-out gold with all and none heard."""
    is_gold = known.is_gold & (known.weight > 0)
    truth = np.where(is_gold, (known.proba @ membership).argmax(axis=1), -1)[held_out.row]
    proba = [
        softmax(blend.join(answered.logits[level], np.full(len(truth), level))) @ membership
        if len(truth)
        else np.zeros((0, membership.shape[1]))
        for level in LEVELS
    ]
    row = np.flatnonzero(truth >= 0)
    if len(row) > _MAX_EVIDENCE:
        row = np.sort(np.random.default_rng(seed).choice(row, _MAX_EVIDENCE, replace=False))
    evidence = Evidence(
        np.array([p[row].max(axis=1, initial=0) for p in proba], dtype=np.float32),
        np.array([p[row].argmax(axis=1) == truth[row] for p in proba], dtype=bool),
        np.array([p[row, truth[row]] for p in proba], dtype=np.float32),
    )
    figures = {
        name: {
            figure: round(value, 4)
            for figure, value in metrics.scores(proba[i], truth).items()
            if np.isfinite(value)
        }
        for name, i in (("out_of_fold", -1), ("out_of_fold_unknown_speaker", 0))
    }
    return evidence, figures


def counts(
    known: Targets, folds: Folds, factor: float, judged_by_gold: bool, n_held_out: int
) -> dict[str, Any]:
    n_gold = int((known.is_gold & (known.weight > 0)).sum())
    judged_on = "gold" if judged_by_gold else f"soft labels (only {n_gold} gold, {MIN_GOLD} needed)"
    if not n_held_out:
        judged_on = "nothing: there is no second clip to hold out"
    return {
        "n_gold": n_gold,
        "n_weak": int((~known.is_gold & (known.weight > 0)).sum()),
        "weak_factor": round(factor, 6),
        "n_folds": folds.n_folds,
        "folds_by": folds.by,
        "calibrated_on": judged_on,
    }


def remembering(
    model: EmotionModel,
    views: Views,
    known: Targets,
    row_names: Sequence[str] | None,
    seed: int,
) -> EmotionModel:
    """The model with some of what it was taught, gold before soft labels."""
    if row_names is None:
        return model
    rows = np.flatnonzero(known.weight > 0)
    shuffled = np.random.default_rng(seed).permutation(rows)
    chosen = np.sort(shuffled[np.argsort(~known.is_gold[shuffled], kind="stable")][:_MAX_MEMORY])
    told = known.proba[chosen].argmax(axis=1)
    memory = Memory(
        model.embed(views.known_wide[chosen]),
        tuple(str(row_names[views.rows[i]]) for i in chosen),
        tuple(model.leaves[c] for c in told),
    )
    return replace(model, memory=memory)

"""Which rows judge a model, and the blend that they choose and calibrate."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.believing import believed
from models.blend import LEVELS, Blend, choose
from models.fitting import HeldOut
from models.folds import Folds
from models.held_out_answers import Answered
from models.targets import Targets
from models.views import Views
from models.voices import groups

_MAX_HELD_OUT = 4000


def held_out_rows(
    known: Targets, judging: NDArray[np.bool_], folds: Folds, views: Views, seed: int
) -> HeldOut:
    """At most 4,000 rows of `judging` (n,), each with the members that never heard it."""
    row = np.flatnonzero(judging) if folds.n_folds > 1 else np.empty(0, dtype=np.int64)
    if len(row) > _MAX_HELD_OUT:
        row = np.sort(np.random.default_rng(seed).choice(row, _MAX_HELD_OUT, replace=False))
    scale_weight = np.where(np.isfinite(known.scales), known.scale_weight, 0.0)
    first = views.n_models * np.arange(views.n_views)[:, None]
    return HeldOut(row, first + folds.of_row[row], known.weight[row], scale_weight[row])


def asked_rows(known: Targets, held_out: HeldOut, folds: Folds, views: Views, seed: int) -> HeldOut:
    """The rows that are answered: those that judge, and others with votes where gold tells what
    votes are worth."""
    if known.votes is None or not known.is_gold[held_out.row].all() or not len(held_out.row):
        return held_out
    voted = ~known.is_gold & np.isfinite(known.votes).all(axis=1) & (known.weight > 0)
    others = np.flatnonzero(voted)
    most = max(_MAX_HELD_OUT - len(held_out.row), 0)
    if len(others) > most:
        others = np.random.default_rng(seed).choice(others, most, replace=False)
    chosen = np.zeros(len(known.weight), dtype=bool)
    chosen[held_out.row], chosen[others] = True, True
    return held_out_rows(known, chosen, folds, views, seed)


def for_the_pool(
    blend: Blend,
    everywhere: Answered,
    known: Targets,
    asked: HeldOut,
    held_out: HeldOut,
    views: Views,
) -> tuple[Blend, dict[str, float]]:
    """The blend calibrated for all rows, of which gold is a choice; and what votes and the model
    count for those without gold."""
    if len(asked.row) == len(held_out.row) or known.votes is None or views.folds.by == "clip":
        return blend, {}
    level = LEVELS[-1]
    logits = blend.untempered(everywhere.logits[level], np.full(len(asked.row), level))
    is_gold = known.is_gold[asked.row]
    proba, (votes, model) = believed(
        logits, known.votes[asked.row], known.proba[asked.row], is_gold
    )
    speakers = groups(views.speakers)[asked.row]
    found = blend.calibrated(everywhere.logits, proba, np.ones(len(is_gold)), speakers)
    return found, {"votes": round(votes, 3), "model": round(model, 3)}


def chosen_blend(
    answered: Answered,
    proba: NDArray[np.float64],
    held_out: HeldOut,
    kinds: Sequence[str],
    views: Views,
) -> tuple[Blend, dict[str, float]]:
    """The blend that held-out answers choose, `proba` (h, k) the truth; and kinds' log-losses."""
    if not held_out.weight.sum() > 0:
        return Blend.blind("blend" if "blend" in kinds else kinds[0]), {}
    return choose(
        answered.logits,
        proba,
        held_out.weight,
        kinds,
        speakers=groups(views.speakers)[held_out.row],
        one_voice=views.folds.by == "clip",
    )

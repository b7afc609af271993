"""Ratings become a mean and a deviation an item: by the mean, or a model of raters, on evidence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from labels.ratings import Floats, Ratings
from models import rating_gold
from models.held_out_ratings import CLEAR_ERRORS, Evidence, weigh
from models.rater_fit import UNKNOWN_NOISE, fit
from models.rater_model import KINDS, RaterModel

MIN_GOLD = 30
"""Gold values from which they calibrate."""


@dataclass(frozen=True)
class RatedItems:
    """`mean` and `sd` (n_items,) of each item's value; `rating_sd` that of one further rating.

    NaN where nobody rated. `gold_mean` and `gold_sd` (n_gold,) are cross-fitted answers on the
    items `gold_at`, empty unless gold calibrated. `report` is JSON-able.
    """

    mean: Floats
    sd: Floats
    rating_sd: Floats
    gold_at: np.ndarray
    gold_mean: Floats
    gold_sd: Floats
    report: dict[str, Any]


def rate(
    ratings: Ratings,
    *,
    gold: tuple[ArrayLike, ArrayLike] | None = None,
    resolution: float | None = None,
    seed: int = 0,
) -> RatedItems:
    """Each item's value on the raters' common scale, and how sure it is.

    Held-out ratings decide whether to take the plain mean, to pull it to the centre, to take out
    raters' shifts, or their scales and noise as well (see `held_out_ratings`). Where items differ
    in how far people agree on them, so do deviations. `gold` (items, true values), 30 or more on
    rated items, calibrates the deviation, and moves the means where that clearly pays.
    `resolution` is the step ratings are given in. Raises ValueError without ratings.
    """
    evidence = weigh(ratings, resolution=resolution, seed=seed)
    model = fit(ratings, evidence.kind, resolution=resolution)
    rated = ratings.per_item() > 0
    mean, variance = model.estimate(ratings)
    _, of_rating = model.of_a_rating(ratings)
    calibrator, told = "raters' noise", {}
    at = np.empty(0, dtype=np.int64)
    answered = (np.empty(0), np.empty(0))
    if gold is not None:
        known, truth = rating_gold.known(gold, rated)
        told["n_gold"] = len(known)
        if len(known) >= MIN_GOLD:
            found = rating_gold.calibrate(mean[known], variance[known], truth, seed=seed)
            at, answered = known, (found.mean, np.sqrt(found.variance))
            mean, variance = found.line(mean, variance)
            calibrator = "gold: the deviation, and a line for the means" if found.moves else "gold"
            told |= {"gold_slope": found.line.slope, "gold_offset": found.line.offset}
            told |= {"gold_apart_sd": float(np.sqrt(found.line.apart))}
    mean, sd, rating_sd = (
        np.where(rated, part, np.nan) for part in (mean, np.sqrt(variance), np.sqrt(of_rating))
    )
    report = _report(ratings, evidence, model) | {"calibrator": calibrator} | told
    return RatedItems(mean, sd, rating_sd, at, *answered, report)


def _report(ratings: Ratings, evidence: Evidence, model: RaterModel) -> dict[str, Any]:
    n = np.bincount(ratings.rater, minlength=len(ratings.raters))
    return {
        "winner": evidence.kind,
        "why": _why(evidence),
        "judged_by": "held-out ratings",
        "n_judged": evidence.n_ratings,
        "rmse_on_held_out_ratings": evidence.rmse,
        "gain_over_mean": evidence.gain,
        "gain_error": evidence.gain_error,
        "held_out_ratings_within_90": _finite(evidence.covered),
        "centre": model.centre,
        "spread_sd": _finite(float(np.sqrt(model.spread))),
        "n_items": ratings.n_items,
        "n_ratings": len(ratings.item),
        "coverage": float((ratings.per_item() > 0).mean()) if ratings.n_items else 0.0,
        "raters": {
            name: {
                "n_ratings": int(n[j]),
                "shift": float(model.shift[j]),
                "scale": float(model.scale[j]),
                "noise_sd": float(np.sqrt(model.noise[j])),
            }
            for j, name in enumerate(ratings.raters)
            if n[j]
        },
    }


def _why(evidence: Evidence) -> str:
    if not evidence.n_ratings:
        return (
            "no item has enough ratings to hold one out; "
            f"{UNKNOWN_NOISE:.0%} of the ratings' variance is taken for noise"
        )
    mean, best = evidence.rmse[KINDS[0]], evidence.rmse[evidence.kind]
    if evidence.kind == KINDS[0]:
        least = min(evidence.rmse, key=lambda kind: evidence.rmse[kind])
        return (
            f"no model of raters foretells held-out ratings clearly better (off by {mean:.3g}; "
            f"{least}: {evidence.rmse[least]:.3g}; clearly means {CLEAR_ERRORS:g} standard errors)"
        )
    return (
        f"held-out ratings lie {best:.3g} from it, {mean:.3g} from the plain mean (squared: "
        f"{evidence.gain:.3g} less, standard error {evidence.gain_error:.2g})"
    )


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None

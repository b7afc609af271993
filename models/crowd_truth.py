"""What a crowd's votes say of the truth, with a confidence that means what it says.

Three answers are at hand. Dawid & Skene's posterior knows most and is far too sure where votes
depend on each other; mixed membership doubts where items are ambiguous; the share of votes doubts
always. How ambiguous the items look decides how far the last two are joined, and the first is
made as sure as they are: it orders the items best, they know how sure one may be.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from labels.majority import majority_share
from labels.votes import Votes
from models.ambiguity import Ambiguity, ambiguity, fit_both
from models.confusions import Anchors
from models.mixed_membership import Mixtures, apply
from models.vote_em import softmax
from models.vote_order import drawn_items, ordered

Floats = NDArray[np.float64]

MAJORITY_WEIGHT = (0.09, 0.2, 0.3, 0.5, 0.7), (0.0, 0.15, 0.3, 0.3, 0.5)
"""At shares of ambiguity: how far the share of votes is joined in. The truth differs from what a
crowd perceives (on every real set tried), the more the less people agree on the items."""
SHARPNESS = (0.6, 0.8, 1.0), (1.0, 0.85, 0.75)
"""At shares of ambiguity: what the logarithm of what is joined is multiplied by."""
PURE_WEIGHT = (0.06, 0.13), (0.7, 0.0)
"""The weight of Dawid & Skene's posterior beside mixed membership's, at shares of ambiguity: where
items have been shown to be of one class, the posterior may be as sure as it is."""
POSTERIOR_WEIGHT = 0.75
"""The weight of the tempered posterior beside that which it was tempered by."""
MAX_CELLS = 6_000_000
"""Votes times mixtures on which ambiguity is judged ..."""
MAX_FITTED_CELLS = 20_000_000
"""... and which are fitted whole; of more, items are drawn."""


@dataclass(frozen=True)
class CrowdTruth:
    """`proba` (n_items, k), `prior` where nobody voted; `prior` (k,) the classes'.

    `foretold` is how well votes are foretold by the others on their items (mean log-probability).
    `majority_weight` and `sharpness` say what was joined, `temperature` how much less sure the
    posterior was made.
    """

    proba: Floats
    prior: Floats
    ambiguity: Ambiguity
    foretold: float
    majority_weight: float
    sharpness: float
    temperature: float


def crowd_truth(
    votes: Votes,
    prior: Floats | None,
    posterior: Callable[[], Floats],
    *,
    anchors: Anchors,
    seed: int,
) -> CrowdTruth:
    """The classes' probabilities by the votes of a crowd (all sources are annotators).

    `prior` (k,) is kept, None learns it. `posterior` gives a plain Dawid-Skene posterior
    (n_items, k) of the same votes; it is asked for where they are too many to be fitted again.
    The same votes in another order have the same answer (see `vote_order`).
    """
    order = ordered(votes)
    found = _crowd_truth(
        order.votes,
        None if prior is None else prior[order.classes],
        lambda: order.forth(posterior()),
        anchors,
        seed,
    )
    learned = np.empty_like(found.prior)
    learned[order.classes] = found.prior
    return replace(found, proba=order.back(found.proba), prior=learned)


def _crowd_truth(
    votes: Votes,
    prior: Floats | None,
    posterior: Callable[[], Floats],
    anchors: Anchors,
    seed: int,
) -> CrowdTruth:
    n_mixtures = len(Mixtures.of(votes.n_classes).kind)
    small = _drawn(votes, MAX_CELLS // n_mixtures, seed)
    fits = fit_both(small, prior, anchors=anchors)
    seen = ambiguity(small, fits, prior, anchors=anchors, seed=seed)
    if small is votes:
        sure, doubtful = fits.pure.truth, fits.mixed.truth
    elif len(votes.item) * n_mixtures <= MAX_FITTED_CELLS:
        fits = fit_both(votes, prior, anchors=anchors)
        sure, doubtful = fits.pure.truth, fits.mixed.truth
    else:
        sure = posterior()
        doubtful = apply(fits.mixed, votes, sure, anchors=anchors)
    weight = float(np.interp(seen.share, *MAJORITY_WEIGHT))
    sharpness = float(np.interp(seen.share, *SHARPNESS))
    pure_weight = float(np.interp(seen.share, *PURE_WEIGHT))
    doubtful = (1 - pure_weight) * doubtful + pure_weight * sure
    joined = (1 - weight) * doubtful + weight * majority_share(votes)
    joined = softmax(sharpness * _log(joined))
    exponent = _as_sure_as(sure, joined)
    proba = POSTERIOR_WEIGHT * softmax(exponent * _log(sure)) + (1 - POSTERIOR_WEIGHT) * joined
    silent = np.bincount(votes.item, minlength=votes.n_items) == 0
    proba[silent] = fits.pure.prior
    foretold = max(fits.pure.foretold, fits.mixed.foretold)
    return CrowdTruth(proba, fits.pure.prior, seen, foretold, weight, sharpness, 1 / exponent)


def _as_sure_as(sure: Floats, target: Floats) -> float:
    """The exponent at which `sure` (n, k) foretells draws from `target` (n, k) best."""
    at = np.flatnonzero(np.isfinite(target).all(axis=1))[:200_000]
    logits, wanted = _log(sure[at]), target[at]

    def cost(log_exponent: float) -> float:
        proba = softmax(logits * np.exp(log_exponent))
        return float(-(wanted * _log(proba)).sum() / max(len(wanted), 1))

    found = minimize_scalar(
        cost, bounds=(np.log(0.03), np.log(1.5)), method="bounded", options={"xatol": 0.01}
    )
    return float(np.exp(found.x))


def _drawn(votes: Votes, max_votes: int, seed: int) -> Votes:
    """The votes on so many items as have about `max_votes`; all where they are no more."""
    if len(votes.item) <= max_votes:
        return votes
    per_item = len(votes.item) / max(np.count_nonzero(np.bincount(votes.item)), 1)
    items = np.sort(drawn_items(votes, max_items=max(int(max_votes / per_item), 1), seed=seed))
    return votes.of_items(items)


def _log(proba: Floats) -> Floats:
    return np.log(np.maximum(proba, 1e-12))

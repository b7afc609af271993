"""Votes as a fitted crowd might have cast them: the same people on the same items, drawn anew.

What a statistic of the votes would be if a model held, and how far it would vary, is seen by
computing it on such replicas (the parametric bootstrap of Efron 1979, with annotators drawn from
what their votes leave open).
"""

import numpy as np
from numpy.typing import NDArray

from labels.votes import Votes
from models.mixed_membership import Perceived

Floats = NDArray[np.float64]


def replica(votes: Votes, found: Perceived, shares: Floats, rng: np.random.Generator) -> Votes:
    """These votes with their values drawn anew from a fit.

    `shares` (3,) is how many items are of one class, of two and of all; those that the fit's
    mixtures lack are left out.
    """
    weight = found.mixtures.weights(shares, found.prior)
    mixture = rng.choice(len(weight), votes.n_items, p=weight / weight.sum())
    perceived = _draw(found.mixtures.classes[mixture][votes.item], rng)
    annotators = found.annotators.drawn(found.pulls, rng)
    value = _draw(annotators[votes.source, :, perceived], rng)
    return Votes(
        votes.n_items, votes.n_classes, votes.sources, votes.vocabulary,
        votes.item, votes.source, value,
    )  # fmt: skip


def _draw(proba: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """One index a row, as likely as `proba` (n, m) says."""
    below = proba.cumsum(axis=1) < rng.random(len(proba))[:, None] * proba.sum(axis=1)[:, None]
    return np.minimum(below.sum(axis=1), proba.shape[1] - 1)

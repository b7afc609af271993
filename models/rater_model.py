"""Raters as instruments: each reads the same scale with a shift, a stretch and noise of its own."""

from dataclasses import dataclass

import numpy as np

from labels.ratings import Floats, Ratings, sums

KINDS = ("mean", "shrunken mean", "shifts", "shifts, scales and noise")
"""Ways to an item's value, from the simplest; each allows raters to differ in more."""


@dataclass(frozen=True)
class RaterModel:
    """rating = centre + shift_j + scale_j (value_i - centre) + noise of variance noise_j.

    `shift`, `scale`, `noise` are (n_raters,), shift and scale on average 0 and 1 over ratings, so
    that values are what raters say on average; `shift_variance` and `scale_variance` (n_raters,)
    are how surely they are known, `heard` (n_raters,) in [0, 1] how surely a rater's scale is
    above 0: that of one who answers without listening, or backwards, is not. Values spread with
    variance `spread` around `centre` (infinite: nothing is assumed of them). `item_prior` is how
    many ratings' worth of the common noise each item has: infinite where people differ on all
    items alike.
    """

    kind: str
    centre: float
    spread: float
    shift: Floats
    scale: Floats
    noise: Floats
    shift_variance: Floats
    scale_variance: Floats
    heard: Floats
    item_prior: float

    def estimate(self, ratings: Ratings) -> tuple[Floats, Floats]:
        """Mean and variance (n_items,) of each item's value given these ratings.

        Items without a rating have the centre and the spread. The variance is larger where
        people differ more on the item than on others; the mean does not heed that.
        """
        mean, variance = self.posterior(ratings)
        unsure = self._unsure(ratings, mean, variance)
        if np.isinf(self.item_prior):
            return mean, variance + unsure
        precision = 1 / np.maximum(variance, 1e-300) - 1 / self.spread
        contested = self._contested(ratings, mean, variance)
        with np.errstate(divide="ignore"):
            return mean, 1 / (precision / contested + 1 / self.spread) + unsure

    def of_a_rating(self, ratings: Ratings) -> tuple[Floats, Floats]:
        """Mean and variance (n_items,) of what one further rater would say of each item."""
        mean, variance = self.estimate(ratings)
        n = np.bincount(ratings.rater, minlength=len(self.scale)).astype(float)
        share = n / max(n.sum(), 1)
        differ = share @ self.shift**2
        stretch = share @ (self.scale - 1) ** 2 * (mean - self.centre) ** 2
        noise = (share @ self.noise + differ + stretch) * self._contested(
            ratings, *self.posterior(ratings)
        )
        return mean, variance + noise

    def posterior(self, ratings: Ratings) -> tuple[Floats, Floats]:
        item, rater = ratings.item, ratings.rater
        weight = (self.scale / self.noise)[rater]
        precision = sums(item, self.scale[rater] * weight, ratings.n_items) + 1 / self.spread
        told = sums(
            item, weight * (ratings.value - self.centre - self.shift[rater]), ratings.n_items
        )
        known = precision > 0
        variance = np.where(known, 1 / np.where(known, precision, 1), np.inf)
        return self.centre + np.where(known, told, 0) * np.where(known, variance, 0), variance

    def _unsure(self, ratings: Ratings, mean: Floats, variance: Floats) -> Floats:
        """(n_items,) the variance that comes of raters' shifts and scales being estimates."""
        item, rater = ratings.item, ratings.rater
        pull = (self.scale / self.noise)[rater] * np.where(np.isfinite(variance), variance, 0)[item]
        line = self.shift_variance[rater]
        line = line + self.scale_variance[rater] * (mean - self.centre)[item] ** 2
        return sums(item, pull**2 * line, ratings.n_items)

    def _contested(self, ratings: Ratings, mean: Floats, variance: Floats) -> Floats:
        """(n_items,) how many times the common noise each item has, pulled to 1."""
        if np.isinf(self.item_prior):
            return np.ones(ratings.n_items)
        square = over_noise(self, ratings, mean, variance)
        return (self.item_prior + square) / (self.item_prior + ratings.per_item())


def square(model: RaterModel, ratings: Ratings, mean: Floats, variance: Floats) -> Floats:
    """(n_ratings,) the expected square of what the model leaves of each rating."""
    item, rater = ratings.item, ratings.rater
    said = model.centre + model.shift[rater] + model.scale[rater] * (mean - model.centre)[item]
    known = np.where(np.isfinite(variance), variance, 0.0)
    return (ratings.value - said) ** 2 + model.scale[rater] ** 2 * known[item]


def over_noise(model: RaterModel, ratings: Ratings, mean: Floats, variance: Floats) -> Floats:
    """(n_items,) the sum of these squares in units of the raters' noise."""
    left = square(model, ratings, mean, variance)
    return sums(ratings.item, left / model.noise[ratings.rater], ratings.n_items)

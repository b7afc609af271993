"""The emotion model in scikit-learn's clothes, for modAL learners and for simulations."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from models.blend import KINDS
from models.training import Targets, train

BEST = "best"


class EmotionClassifier(ClassifierMixin, BaseEstimator):
    """The emotion model of gold alone, or a member of it, for loops of many trainings.

    Features are taken as they are: normalised by speaker already.

    After `fit`: `classes_` (k,) the labels met, sorted; `model_` the `EmotionModel` inside.
    `kind` is one of `models.blend.KINDS` ("linear", "blend", "network"), or "best": the one that
    held-out folds choose, as in a round. NaN features are welcome. `seed` makes it repeatable to
    the bit.
    """

    def __init__(
        self, seed: int = 0, max_epochs: int = 200, n_folds: int = 5, kind: str = "network"
    ) -> None:
        self.seed = seed
        self.max_epochs = max_epochs
        self.n_folds = n_folds
        self.kind = kind

    def fit(
        self, X: ArrayLike, y: ArrayLike, speakers: Sequence[str | None] | None = None
    ) -> "EmotionClassifier":
        """From features (n, d) and labels (n,). Without speakers, folds are dealt by clip."""
        table, labels = np.asarray(X, dtype=np.float64), np.asarray(y)
        self.classes_, index = np.unique(labels, return_inverse=True)
        n = len(labels)
        targets = Targets(
            proba=np.eye(len(self.classes_))[index],
            weight=np.ones(n),
            scales=np.empty((n, 0)),
            scale_weight=np.empty((n, 0)),
            is_gold=np.ones(n, dtype=bool),
        )
        self.model_ = train(
            table,
            targets,
            [None] * n if speakers is None else speakers,
            classes=[str(name) for name in self.classes_],
            scales={},
            seed=self.seed,
            max_epochs=self.max_epochs,
            n_folds=self.n_folds,
            kinds=tuple(KINDS) if self.kind == BEST else (self.kind,),
            normalise=False,
        )
        self.n_features_in_ = table.shape[1]
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Calibrated probabilities (n, k), columns as in `classes_`."""
        check_is_fitted(self)
        return self.model_.predict_proba(X)

    def predict(self, X: ArrayLike) -> NDArray[np.generic]:
        """The likeliest label (n,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def embed(self, X: ArrayLike) -> NDArray[np.float32]:
        """The embedding (n, e)."""
        check_is_fitted(self)
        return self.model_.embed(X)

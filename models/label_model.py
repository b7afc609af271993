"""The label model: votes of labelling functions and annotators become class probabilities."""

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from labels.votes import Votes
from models import class_prior, vote_em, vote_sources
from models.confusions import Anchors
from models.moments import LabelModelError, MomentLabelModel, once_an_item, plain
from models.ties import decide
from models.vote_columns import VoteColumns

MAX_SNORKEL_COLUMNS = 300
"""Sources beyond which Snorkel's dense arrays are not written (they grow with the square)."""


class LabelModel(MomentLabelModel):
    """Snorkel's label model, fitted by sparse MAP Dawid-Skene EM.

    It takes `labels.votes.Votes` (votes for sets of classes, thousands of sparse annotators) or a
    Snorkel matrix (n_items, n_sources) with -1 = abstain. After a fit on at least three sources
    (at most 300) whose votes are for single classes, once an item, Snorkel's own parameters are
    there too (`mu`, `p`, `coverage`), so that its get_weights, get_conditional_probs, save and
    load work, and its own predict_proba gives the same posterior.
    """

    def fit(
        self,
        L_train: Votes | ArrayLike,
        Y_dev: ArrayLike | None = None,
        class_balance: str | ArrayLike | None = None,
        progress_bar: bool = False,
        *,
        fit_method: str = "em",
        seed: int = 0,
        n_epochs: int = 100,
        functions: frozenset[str] | None = None,
        anchors: Anchors | None = None,
        **train_config: Any,
    ) -> None:
        """Learn how sources err, and how common the classes are.

        `class_balance`: None learns it (from `Y_dev`, gold classes, where given; else from items
        that annotators voted on; else see `class_prior`), "uniform", or (k,) shares.
        `fit_method`: "em", or "moments", Snorkel's own (single classes, three or more sources,
        uniform balance unless given; `train_config` goes to it). `n_epochs` bounds the rounds.
        `functions` names the sources that are labelling functions; None takes those that ever
        vote for a set. EM draws nothing at random; `seed` is Snorkel's. Raises LabelModelError.
        """
        votes = self._votes(L_train)
        balance = self._balance(class_balance, Y_dev, 0.0 if fit_method == "moments" else 1.0)
        if fit_method == "moments":
            settings = {"progress_bar": progress_bar, "seed": seed, "n_epochs": n_epochs}
            self._fit_moments(votes, balance, settings | train_config)
        elif fit_method == "em":
            if train_config:
                raise LabelModelError(
                    f"fit_method 'em' has no setting {next(iter(train_config))!r} "
                    "(it has n_epochs, functions, anchors)"
                )
            self._fit_em(votes, balance, n_epochs, functions, anchors or Anchors())
        else:
            raise LabelModelError(f"unknown fit_method {fit_method!r} (known: em, moments)")

    def predict_proba(self, L: Votes | ArrayLike) -> NDArray[np.float64]:
        """P(class | votes), (n_items, k); the class prior where nobody voted.

        The items may be others than those fitted on; sources are known by their names (by their
        places in a matrix), and unknown ones have the confusions of their kind.
        """
        votes = self._votes(L)
        fitted = self.em_fit
        if fitted is None:
            columns = VoteColumns.of(plain(votes))
            return vote_em.posterior(columns, self._moment_evidence(columns), self.p)
        columns = VoteColumns.of(votes)
        return vote_em.posterior(columns, fitted.confusions.evidence(columns), fitted.prior)

    def predict(
        self,
        L: Votes | ArrayLike,
        return_probs: bool | None = False,
        tie_break_policy: str = "abstain",
    ) -> NDArray[np.int64] | tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The likeliest class of each item (n_items,), as Snorkel's; -1 where classes tie.

        `tie_break_policy` "random" picks by a hash of the item's place, "true-random" by numpy's
        global generator. With `return_probs` the probabilities come beside it.
        """
        proba = self.predict_proba(L)
        chosen = decide(proba, tie_break_policy)
        return (chosen, proba) if return_probs else chosen

    def get_weights(self) -> NDArray[np.float64]:
        """(n_sources,) how often each source is right where it votes, as Snorkel's.

        Where Snorkel's parameters cannot hold the votes (fewer than three sources, hundreds,
        votes for sets), it is the share of each source's votes that the posterior bears out.
        """
        if "mu" in self._parameters:
            weights: NDArray[np.float64] = super().get_weights()
            return weights
        self.em_fit  # noqa: B018  (raises where nothing was fitted)
        return self._weights.copy()

    @property
    def em_fit(self) -> vote_em.Fit | None:
        """What EM found; None after a fit by moments, and where Snorkel's own model was loaded.

        Raises LabelModelError before any fit.
        """
        if "_fitted" not in self.__dict__:
            if "mu" in self._parameters:
                return None
            raise LabelModelError("the label model is not fitted: call fit(votes) first")
        fitted: vote_em.Fit | None = self.__dict__["_fitted"]
        return fitted

    def log_joint(self, votes: Votes) -> NDArray[np.float64]:
        """log P(class, votes) up to a constant per item, (n_items, k): what calibrators temper."""
        fitted = self.em_fit
        if fitted is None:
            return np.log(np.maximum(self.predict_proba(votes), 1e-300))
        columns = VoteColumns.of(votes)
        return vote_em.log_joint(columns, fitted.confusions.evidence(columns), fitted.prior)

    def _votes(self, given: Votes | ArrayLike) -> Votes:
        if not isinstance(given, Votes):
            try:
                return Votes.from_dense(np.asarray(given), self.cardinality)
            except ValueError as error:
                raise LabelModelError(str(error)) from error
        if given.n_classes != self.cardinality:
            raise LabelModelError(
                f"votes on {given.n_classes} classes do not fit a label model of cardinality "
                f"{self.cardinality}"
            )
        return given

    def _balance(
        self, given: str | ArrayLike | None, gold: ArrayLike | None, pseudo_count: float
    ) -> NDArray[np.float64] | None:
        k = self.cardinality
        if given is None:
            return None if gold is None else _shares(np.asarray(gold), k, pseudo_count)
        if isinstance(given, str):
            if given != "uniform":
                raise LabelModelError(
                    f"class_balance {given!r} is none of None (learned), 'uniform', {k} shares"
                )
            return np.full(k, 1 / k)
        balance = np.asarray(given, dtype=float)
        if balance.shape != (k,) or not np.all(balance > 0):
            raise LabelModelError(f"class_balance must be {k} positive shares, not {given!r}")
        return balance / balance.sum()

    def _fit_em(
        self,
        votes: Votes,
        balance: NDArray[np.float64] | None,
        n_epochs: int,
        functions: frozenset[str] | None,
        anchors: Anchors,
    ) -> None:
        columns = VoteColumns.of(votes)
        is_function = kinds(votes, functions)
        if balance is None:
            balance = class_prior.found(votes, is_function, anchors).shares
        fit = vote_em.fit(columns, is_function, balance, anchors=anchors, max_rounds=n_epochs)
        self._fitted = fit
        self._forget_snorkel()
        self.p = fit.prior
        if 3 <= len(votes.sources) <= MAX_SNORKEL_COLUMNS and _plain(votes, columns):
            self._write_snorkel(votes)
        else:
            self._weights = vote_sources.shares_right(votes, self.predict_proba(votes))

    def _fit_moments(
        self, votes: Votes, balance: NDArray[np.float64] | None, settings: dict[str, Any]
    ) -> None:
        for what, n, least in (("sources", len(votes.sources), 3), ("items", votes.n_items, 1)):
            if n < least:
                raise LabelModelError(f"fit_method 'moments' needs {least} {what} or more, not {n}")
        self._forget_snorkel()
        self._match_moments(votes, balance, settings)
        self._fitted, self._sources = None, votes.sources
        if self.m <= MAX_SNORKEL_COLUMNS:
            self._create_tree()

    def _forget_snorkel(self) -> None:
        self._parameters.pop("mu", None)
        for name in ("mu_init", "O", "mask", "c_data", "c_tree", "coverage"):
            self.__dict__.pop(name, None)

    def _write_snorkel(self, votes: Votes) -> None:
        """mu[w k + v, y] = coverage_w P(v | y): Snorkel's parameters for the same posterior."""
        k, confusions = self.cardinality, self._fitted.confusions
        self.n, self.m, self.d, self.t = (
            votes.n_items,
            len(votes.sources),
            len(votes.sources) * k,
            1,
        )
        cast = np.bincount(votes.source, minlength=self.m)
        self.coverage = np.maximum(cast / max(self.n, 1), 1e-9)  # get_weights divides by it
        single = np.array([min(value) for value in votes.vocabulary], dtype=np.int64)
        everything = _every_column(votes, k)
        evidence = confusions.evidence(everything).reshape(self.m, k, k)
        said = np.bincount(votes.source * k + single[votes.value], minlength=self.d)
        scale = np.repeat(self.coverage, k).reshape(self.m, k)
        share = (said.reshape(self.m, k) + 1e-9) / max(self.n, 1)
        scale = np.where(confusions.is_function[:, None], share, scale)
        mu = np.exp(evidence) * scale[:, :, None]
        mu /= np.maximum(mu.max(axis=(1, 2), keepdims=True), 1.0)
        self.mu = torch.nn.Parameter(torch.from_numpy(mu.reshape(self.d, k)), requires_grad=False)
        self.P = torch.diag(torch.from_numpy(self.p)).float()
        self._create_tree()


def kinds(votes: Votes, functions: frozenset[str] | None) -> NDArray[np.bool_]:
    """(n_sources,): which sources are labelling functions.

    Those named in `functions`; where that is None, those that ever vote for a set of classes.
    """
    if functions is not None:
        return np.array([name in functions for name in votes.sources], dtype=bool)
    found = np.zeros(len(votes.sources), dtype=bool)
    is_set = np.array([len(value) > 1 for value in votes.vocabulary], dtype=bool)
    if is_set.any():
        found[votes.source[is_set[votes.value]]] = True
    return found


def _plain(votes: Votes, columns: VoteColumns) -> bool:
    """Whether Snorkel's matrix can hold the votes: single classes, one vote per item and source."""
    if not columns.n_columns or any(len(value) > 1 for value in votes.vocabulary):
        return False
    return once_an_item(votes)


def _shares(gold: NDArray[Any], k: int, pseudo_count: float) -> NDArray[np.float64]:
    """(k,) how common each class is among gold classes."""
    if gold.ndim != 1 or not gold.size or not 0 <= gold.min() <= gold.max() < k:
        raise LabelModelError(f"Y_dev must be classes in [0, {k}), one an item")
    counts = np.bincount(gold.astype(np.int64), minlength=k) + pseudo_count
    if not counts.all():
        raise LabelModelError(
            f"Y_dev holds no item of class {int(np.argmin(counts))}: give class_balance instead"
        )
    return counts / counts.sum()


def _every_column(votes: Votes, k: int) -> VoteColumns:
    n_sources = len(votes.sources)
    cells = np.indices((n_sources, k)).reshape(2, -1)
    none = np.zeros(n_sources * k, dtype=np.int64)
    return VoteColumns.of(
        Votes(1, k, votes.sources, tuple(frozenset({c}) for c in range(k)), none, *cells)
    )

"""Snorkel's own fit, by matching moments, over sparse votes: the same mu in a fraction of the cost.

Snorkel looks for mu[w k + v, y] = P(source w says v | class y) such that mu P mu^T is the share of
items on which two sources said two things, except where a source meets itself. Here these shares
come from sparse chunks of items, and the gradient from the low rank of mu P mu^T, so that nothing
is as large as items x columns. Source: Ratner et al. 2019, Training Complex Models with Multi-Task
Weak Supervision.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from snorkel.labeling.model import LabelModel as SnorkelLabelModel
from snorkel.labeling.model.label_model import TrainConfig
from snorkel.utils.config_utils import merge_config
from tqdm import trange

from labels.ratings import Ratings
from labels.votes import Votes
from models.vote_columns import VoteColumns

Floats = NDArray[np.float64]


class LabelModelError(ValueError):
    """Votes or settings the label model cannot be fitted with; the message is one line."""


@dataclass(frozen=True)
class Overlaps:
    """How often two columns (source w says v: column w k + v) are said of one item.

    `others` (d, d) holds the shares of items in sparse form, zero between columns of one source;
    `own` (d,) is each column's own share of items, `covered` (m,) that of each source.
    """

    others: sparse.csr_matrix
    own: Floats
    covered: Floats

    @classmethod
    def of(cls, votes: Votes) -> "Overlaps":
        """Of votes for single classes, at most one an item and source (see `plain`)."""
        k, n_columns = votes.n_classes, len(votes.sources) * votes.n_classes
        columns = VoteColumns.of(votes)
        place = columns.source * k + columns.value
        both = sparse.csr_matrix((len(place), len(place)))
        for _, matrix in columns.chunks():
            both = both + matrix.T @ matrix  # whole numbers, so that their order is no matter
        cells = both.tocoo()
        row, column = place[cells.row], place[cells.col]
        n_items = max(votes.n_items, 1)
        # Snorkel keeps these shares in single precision, and so must whoever wants its mu.
        share = (cells.data / n_items).astype(np.float32).astype(np.float64)
        own = np.zeros(n_columns)
        own[row[row == column]] = share[row == column]
        other = row // k != column // k
        others = sparse.csr_matrix(
            (share[other], (row[other], column[other])), shape=(n_columns, n_columns)
        )
        covered = np.bincount(votes.source, minlength=len(votes.sources)) / n_items
        return cls(others, own, covered)

    def gradient(self, mu: Floats, p: Floats) -> tuple[Floats, float]:
        """Of Snorkel's loss at `mu` (d, k), class shares `p` (k,): (d, k), and the loss itself.

        The loss is |O - mu P mu^T|^2 without the blocks of one source, plus |mu p - diag O|^2.
        """
        k = len(p)
        weighted = mu * p
        blocks = mu.reshape(-1, k, k)
        own = np.einsum("wvy,wuy->wvu", blocks * p, blocks)  # where a source meets itself
        seen = self.others @ weighted
        inner = mu.T @ weighted
        residual = seen - weighted @ inner + (own @ blocks).reshape(-1, k) * p
        missed = weighted.sum(axis=1) - self.own
        apart = self.others.data @ self.others.data - 2 * np.sum(seen * mu)
        apart += np.sum(inner * inner.T) - np.sum(own**2)
        return -4 * residual + 2 * missed[:, None] * p, float(apart + missed @ missed)


class MomentLabelModel(SnorkelLabelModel):
    """Snorkel's label model with a fit and posteriors whose cost is that of the votes cast."""

    def _match_moments(
        self, votes: Votes, balance: Floats | None, settings: dict[str, Any]
    ) -> None:
        """Find `mu` as Snorkel's `fit` does, from the same start by the same optimiser.

        `settings` are Snorkel's (lr, optimizer, ...) with `progress_bar`. A vote for a set of
        classes abstains; a source's last vote on an item stands. Raises LabelModelError.
        """
        show = settings.pop("progress_bar")
        self.train_config = _train_config(settings)
        self._set_logger()
        self.n, self.m, self.t = votes.n_items, len(votes.sources), 1
        self.d = self.m * self.cardinality
        self._set_class_balance(balance)
        found = Overlaps.of(plain(votes))
        self.coverage = np.maximum(found.covered, 1e-9)  # get_weights divides by it
        self._start_at(found)
        self._set_optimizer()
        self._set_lr_scheduler()
        self.train()
        for epoch in trange(self.train_config.n_epochs, unit="epoch", disable=not show):
            with np.errstate(over="ignore", invalid="ignore"):  # the loss tells of it
                self._step(found)
            self._update_lr_scheduler(epoch)
        self._clamp_params()
        self._break_col_permutation_symmetry()
        self.eval()

    def _start_at(self, found: Overlaps) -> None:
        precision = torch.as_tensor(self.train_config.prec_init, dtype=torch.float32)
        if precision.ndim and precision.shape != (self.m,):
            raise LabelModelError(
                f"prec_init must be one number or {self.m} (one a source), not "
                f"{tuple(precision.shape)}"
            )
        k = self.cardinality
        said = torch.from_numpy(found.own).float().reshape(self.m, k)
        right = (said * precision.expand(self.m)[:, None] / torch.from_numpy(self.p)).clamp(0, 1)
        self.mu_init = torch.diag_embed(right.float()).reshape(self.d, k)
        # Snorkel draws this from the global generator that it has just seeded.
        scale = np.random.RandomState(self.train_config.seed).random_sample()
        self.mu = torch.nn.Parameter((self.mu_init * scale).float())

    def _step(self, found: Overlaps) -> None:
        mu = self.mu.detach().numpy().astype(np.float64)
        gradient, loss = found.gradient(mu, self.p)
        drift = mu - self.mu_init.numpy()
        pull = np.broadcast_to(np.asarray(self.train_config.l2, dtype=np.float64), self.d)
        loss += float(np.sum((pull[:, None] * drift) ** 2))
        if not np.isfinite(loss):
            raise LabelModelError("the loss is no number: a smaller lr may help")
        self.mu.grad = torch.from_numpy(gradient + 2 * pull[:, None] ** 2 * drift).float()
        self.optimizer.step()
        self.running_loss, self.running_examples = 0.0, 0
        self._execute_logging(torch.tensor(loss))

    def _moment_evidence(self, columns: VoteColumns) -> Floats:
        """log mu (n_columns, k) of votes for single classes; sources are known by their names.

        Raises LabelModelError for a source that was not fitted.
        """
        # A model that Snorkel itself saved knows its sources by their places alone.
        sources = self.__dict__.get("_sources") or [f"source_{j}" for j in range(self.m)]
        place = {name: row for row, name in enumerate(sources)}
        strange = [name for name in columns.votes.sources if name not in place]
        if strange:
            raise LabelModelError(
                f"source {strange[0]!r} had no part in the fit by moments "
                f"({len(sources)} had; fit_method 'em' answers for others too)"
            )
        rows = np.array([place[name] for name in columns.votes.sources], dtype=np.int64)
        log_mu = np.log(np.maximum(self.mu.detach().cpu().numpy(), 1e-38)).astype(np.float64)
        return log_mu[rows[columns.source] * self.cardinality + columns.value]


def plain(votes: Votes) -> Votes:
    """As Snorkel's matrix holds them: single classes by index, one vote an item and source.

    The last vote of a source on an item stands; where that is for a set, the source abstains.
    """
    singles = tuple(frozenset({c}) for c in range(votes.n_classes))
    if votes.vocabulary == singles and once_an_item(votes):
        return votes
    kept = Ratings.of_votes(votes)
    return Votes(
        votes.n_items,
        votes.n_classes,
        votes.sources,
        singles,
        kept.item,
        kept.rater,
        kept.value.astype(np.int64),
    )


def once_an_item(votes: Votes) -> bool:
    """Whether no source votes twice on an item."""
    pair = votes.item * len(votes.sources) + votes.source
    if np.all(pair[1:] > pair[:-1]):
        return True
    pair.sort()  # np.unique's hashing is many times slower here
    return bool(np.all(pair[1:] > pair[:-1]))


def _train_config(settings: dict[str, Any]) -> TrainConfig:
    known = TrainConfig._fields
    for name in settings:
        if name not in known:
            raise LabelModelError(
                f"fit_method 'moments' has no setting {name!r} (it has {', '.join(known)})"
            )
    return merge_config(TrainConfig(), settings)

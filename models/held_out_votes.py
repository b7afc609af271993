"""What held-out votes say of the label model: how far to trust it, and whether to use it at all.

Each item's votes are cut into two random halves. A half's model is judged on what the other half
holds, so that no vote is explained by itself.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labels.majority import majority_share
from labels.votes import Votes
from models import vote_em
from models.confusions import Anchors
from models.vote_columns import VoteColumns
from models.vote_em import Floats

DESIGN_EFFECTS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
MAX_ITEMS = 20_000
N_SPLITS = 3


@dataclass(frozen=True)
class Evidence:
    """What the votes themselves say of the label model.

    `rho` is the design effect: how much of a further vote on an item repeats the votes before
    (0: independent, 1: n votes are worth one). `label_model` and `majority` are the mean log
    probability (nats) that each gave to held-out votes, `error` the standard error of their
    difference, `n_votes` how many votes were held out: 0 where no item has two.
    """

    rho: float
    label_model: float
    majority: float
    error: float
    n_votes: int

    @property
    def gain(self) -> float:
        """By how many nats a vote the label model foretells votes better than the majority."""
        return self.label_model - self.majority


def temper(log_joint: Floats, n_votes: NDArray[np.int64], rho: float) -> Floats:
    """Posteriors of items (n, k) when `n_votes` (n,) votes weigh as n / (1 + (n - 1) rho) do.

    Source: Kish 1965 (the design effect of clustered observations).
    """
    scale = 1 + (np.maximum(n_votes, 1) - 1) * rho
    return vote_em.softmax(log_joint / scale[:, None])


def weigh(
    votes: Votes,
    is_function: NDArray[np.bool_],
    prior: Floats | None,
    *,
    anchors: Anchors,
    seed: int,
) -> Evidence:
    """Judge the label model on halves of (at most 20,000 items') votes. See `Evidence`.

    rho is the one whose tempered posterior from one half best foretells the class that the
    other half's model finds.
    """
    losses = np.zeros(len(DESIGN_EFFECTS))
    ours: list[Floats] = []
    majority: list[Floats] = []
    for one, other in _halves(votes, seed):
        fits = [
            vote_em.fit(half, is_function, prior, anchors=anchors, max_rounds=50, tolerance=1e-3)
            for half in (one, other)
        ]
        for (seen, hidden), (fit, judge) in (((one, other), fits), ((other, one), fits[::-1])):
            curve, ll_ours, ll_majority = _judge(seen, hidden, fit, judge, is_function)
            losses += curve
            ours.append(ll_ours)
            majority.append(ll_majority)
    n_votes = sum(len(x) for x in ours)
    if not n_votes:
        return Evidence(0.0, 0.0, 0.0, 0.0, 0)
    of_ours, of_majority = np.concatenate(ours), np.concatenate(majority)
    n_independent = max(n_votes / (2 * N_SPLITS), 1)  # each vote is held out in half of the passes
    return Evidence(
        rho=DESIGN_EFFECTS[int(losses.argmin())],
        label_model=float(of_ours.mean()),
        majority=float(of_majority.mean()),
        error=float(np.std(of_ours - of_majority) / np.sqrt(n_independent)),
        n_votes=int(n_independent),
    )


def _judge(
    seen: VoteColumns,
    hidden: VoteColumns,
    fit: vote_em.Fit,
    judge: vote_em.Fit,
    is_function: NDArray[np.bool_],
) -> tuple[Floats, Floats, Floats]:
    """Losses (n_rho,) against the other half's classes, and log-scores of the hidden votes."""
    n_votes = seen.votes_per_item()
    joint = vote_em.log_joint(seen, fit.confusions.log_evidence, fit.prior)
    answer = vote_em.log_joint(hidden, judge.confusions.log_evidence, judge.prior).argmax(axis=1)
    rows = np.arange(len(answer))
    spoken = np.exp(fit.confusions.evidence(hidden))
    by_function = is_function[hidden.source]
    spoken[by_function] *= np.asarray(hidden.matrix.sum(axis=0)).ravel()[by_function, None]
    could = _could_say(hidden, spoken, is_function, np.ones(len(fit.prior)))
    losses = np.empty(len(DESIGN_EFFECTS))
    best = np.full(hidden.matrix.nnz, -np.inf)
    for r, rho in enumerate(DESIGN_EFFECTS):
        proba = temper(joint, n_votes, rho)
        losses[r] = -np.log(np.maximum(proba[rows, answer], 1e-12)).mean()
        foretold = _foretell(hidden, proba, spoken, could)
        best = foretold if foretold.mean() > best.mean() else best
    allowed = hidden.votes.allowed().astype(float)
    by_annotators = allowed[np.unique(hidden.value[~by_function])].sum(axis=0)
    could = _could_say(hidden, allowed[hidden.value], is_function, by_annotators)
    share = majority_share(seen.votes)
    return losses, best, _foretell(hidden, share, allowed[hidden.value], could)


def _could_say(
    hidden: VoteColumns, spoken: Floats, is_function: NDArray[np.bool_], by_annotators: Floats
) -> Floats:
    """For each column (n_columns, k), the sum of `spoken` over all that its source may say.

    A function may say what it says somewhere; what any annotator may say is `by_annotators` (k,).
    """
    total = np.zeros((len(hidden.votes.sources), spoken.shape[1]))
    np.add.at(total, hidden.source, spoken)
    total[~is_function] = by_annotators
    return total[hidden.source]


def _foretell(hidden: VoteColumns, proba: Floats, spoken: Floats, could: Floats) -> Floats:
    """Log probability (n_votes,) of each hidden vote, among all that its source may say."""
    cells = hidden.matrix.tocoo()
    said = np.einsum("ij,ij->i", proba[cells.row], spoken[cells.col])
    total = np.einsum("ij,ij->i", proba[cells.row], could[cells.col])
    return np.log(np.maximum(said, 1e-12) / np.maximum(total, 1e-12))


def _halves(votes: Votes, seed: int) -> Iterator[tuple[VoteColumns, VoteColumns]]:
    """Random halves of the votes of items that have at least two; items are renumbered."""
    key = _content_keys(votes)
    of_item = np.zeros(votes.n_items, dtype=np.uint64)
    np.add.at(of_item, votes.item, key)
    able = np.flatnonzero(np.bincount(votes.item, minlength=votes.n_items) >= 2)
    if not len(able):
        return
    rng = np.random.default_rng(seed)
    able = able[np.argsort(of_item[able], kind="stable")]  # so that items' order is no matter
    able = able[rng.permutation(len(able))[:MAX_ITEMS]]
    place = np.full(votes.n_items, -1)
    place[able] = np.arange(len(able))
    kept = np.flatnonzero(place[votes.item] >= 0)
    kept = kept[np.lexsort((key[kept], place[votes.item[kept]]))]
    item = place[votes.item[kept]]
    for _ in range(N_SPLITS):
        order = np.lexsort((rng.random(len(item)), item))
        starts = np.concatenate([[0], np.cumsum(np.bincount(item))[:-1]])
        rank = np.arange(len(item)) - starts[item]
        odd_one = rng.integers(0, 2, len(able))
        first = (rank + odd_one[item]) % 2 == 0
        yield tuple(
            VoteColumns.of(_subset(votes, kept[order[half]], np.sort(item)[half], len(able)))
            for half in (first, ~first)
        )


def _subset(votes: Votes, at: NDArray[np.int64], item: NDArray[np.int64], n_items: int) -> Votes:
    return Votes(
        n_items, votes.n_classes, votes.sources, votes.vocabulary,
        item, votes.source[at], votes.value[at],
    )  # fmt: skip


def _content_keys(votes: Votes) -> NDArray[np.uint64]:
    """A number per vote that depends on who said what, by name, not on places in arrays."""
    of_source = np.array([_hash(name) for name in votes.sources], dtype=np.uint64)
    of_value = np.array([_hash(repr(sorted(v))) for v in votes.vocabulary], dtype=np.uint64)
    if not len(votes.item):
        return np.empty(0, dtype=np.uint64)
    mixed = (of_source[votes.source] ^ of_value[votes.value]) * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ (mixed >> np.uint64(29))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")

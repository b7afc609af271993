"""What is said of the sources of votes: copies of one another, and how right each seems."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from labels.votes import Votes
from models.vote_columns import VoteColumns

MIN_VOTES_OF_A_COPY = 10
"""Sources that agree throughout on fewer votes than this may do so by chance."""


def copies(votes: Votes) -> dict[int, int]:
    """Sources that cast exactly the votes of an earlier-named one: {copy: original}.

    They would count as independent voices otherwise. The original is the first by name.
    """
    digest = np.zeros(len(votes.sources), dtype=np.uint64)
    mixed = votes.item.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed += (votes.value.astype(np.uint64) + np.uint64(1)) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(29)
    np.add.at(digest, votes.source, mixed)
    n_votes = np.bincount(votes.source, minlength=len(votes.sources))
    first: dict[tuple[int, int], int] = {}
    found: dict[int, int] = {}
    for j in sorted(range(len(votes.sources)), key=votes.sources.__getitem__):
        if n_votes[j] >= MIN_VOTES_OF_A_COPY:
            original = first.setdefault((int(digest[j]), int(n_votes[j])), j)
            if original != j:
                found[j] = original
    return found


def without(votes: Votes, dropped: Mapping[int, int]) -> Votes:
    """The votes less those of the sources in `dropped`, which keep their names."""
    if not dropped:
        return votes
    kept = np.ones(len(votes.sources), dtype=bool)
    kept[list(dropped)] = False
    return votes.of_sources(kept)


def conflict(columns: VoteColumns) -> float:
    """Share of items with votes on which no class is allowed by every vote; NaN without votes."""
    n_votes = columns.votes_per_item()
    if not n_votes.any():
        return float("nan")
    allowed = columns.votes.allowed().astype(float)[columns.value]
    n_clashes = 0
    for rows, matrix in columns.chunks():
        n_clashes += int(np.sum((matrix @ allowed).max(axis=1) < n_votes[rows]))
    return n_clashes / int(np.sum(n_votes > 0))


def report(
    columns: VoteColumns, proba: NDArray[np.float64], is_function: NDArray[np.bool_]
) -> dict[str, dict[str, object]]:
    """Per source: kind, n_votes, coverage, and the share of its votes that hold the truth.

    `accuracy` is the mean of `proba` (n_items, k) that its votes allow, from `accuracy_low` to
    `accuracy_high` (95 %, Jeffreys; what sampling leaves open, not what the model may have
    wrong); None without votes.
    """
    votes = columns.votes
    counts = columns.matrix.T @ proba
    right_per_column = (counts * votes.allowed()[columns.value]).sum(axis=1)
    n_sources = len(votes.sources)
    right = np.bincount(columns.source, right_per_column, n_sources)
    cast = np.bincount(votes.source, minlength=n_sources)
    share = right / np.maximum(cast, 1)
    low = betaincinv(right + 0.5, cast - right + 0.5, 0.025)
    high = betaincinv(right + 0.5, cast - right + 0.5, 0.975)
    told: dict[str, dict[str, object]] = {}
    for j, name in enumerate(votes.sources):
        known = cast[j] > 0
        told[name] = {
            "kind": "function" if is_function[j] else "annotator",
            "n_votes": int(cast[j]),
            "coverage": float(cast[j] / max(votes.n_items, 1)),
            "accuracy": float(share[j]) if known else None,
            "accuracy_low": float(low[j]) if known else None,
            "accuracy_high": float(high[j]) if known else None,
        }
    return told


def shares_right(votes: Votes, proba: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_sources,) the share of each one's votes that hold; of who never voted, the mean."""
    n = np.bincount(votes.source, minlength=len(votes.sources))
    allowed = votes.allowed().astype(float).reshape(-1, votes.n_classes)
    right = np.einsum("vc,vc->v", proba[votes.item], allowed[votes.value])
    mean = float(right.mean()) if len(right) else 1e-6
    share = np.bincount(votes.source, right, len(votes.sources)) / np.maximum(n, 1)
    return np.clip(np.where(n > 0, share, mean), 1e-6, 1.0)

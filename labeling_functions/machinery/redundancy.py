"""Functions that say the same: what one adds to another."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from labels.votes import Votes


def redundancy(votes: Votes) -> pd.DataFrame:
    """Every ordered pair of sources that both voted on something, a row each.

    Columns `source`, `other`; `n_both`, items that both voted on; `equal`, the share of those on
    which they said the same; `same_votes`, the share of all votes of `source` that `other` cast
    too; `phi`, the correlation of what they cast: over all pairs of an item and a value that
    either of them uses, did both vote so. 1 is a copy, 0 is chance, below 0 they contradict.
    """
    cast, fired = _matrices(votes)
    equal = np.asarray((cast @ cast.T).todense())
    both = np.asarray((fired @ fired.T).todense())
    n_votes = np.diagonal(equal).astype(float)
    uses = (_values_used(votes) > 0).astype(float)
    n_used = uses.sum(axis=1)
    n_cells = votes.n_items * (n_used[:, None] + n_used[None, :] - uses @ uses.T)
    phi = _phi(equal, n_votes, n_cells)
    a, b = np.nonzero((both > 0) & ~np.eye(len(n_votes), dtype=bool))
    names = np.array(votes.sources, dtype=object)
    return pd.DataFrame(
        {
            "source": names[a],
            "other": names[b],
            "n_both": both[a, b].astype(np.int64),
            "equal": equal[a, b] / both[a, b],
            "same_votes": equal[a, b] / n_votes[a],
            "phi": phi[a, b],
        }
    )


def nearest(pairs: pd.DataFrame) -> pd.DataFrame:
    """Of `redundancy`, for each source the other one most like it; index `source`."""
    best = pairs.sort_values(["phi", "other"], ascending=[False, True], kind="stable")
    return best.drop_duplicates("source").set_index("source")


def _matrices(votes: Votes) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Sources by (item, value), and sources by items; 1 where it voted."""
    n_values = max(len(votes.vocabulary), 1)
    cell = votes.item * n_values + votes.value
    return _ones(votes, cell, votes.n_items * n_values), _ones(votes, votes.item, votes.n_items)


def _ones(votes: Votes, column: NDArray[np.int64], n_columns: int) -> sparse.csr_matrix:
    cells = (np.ones(len(column), dtype=np.int64), (votes.source, column))
    matrix = sparse.csr_matrix(cells, shape=(len(votes.sources), n_columns))
    matrix.data[:] = 1  # two votes of a source on an item are one
    return matrix


def _values_used(votes: Votes) -> NDArray[np.float64]:
    used = np.zeros((len(votes.sources), len(votes.vocabulary)))
    used[votes.source, votes.value] = 1
    return used


def _phi(
    equal: NDArray[np.int64], n_votes: NDArray[np.float64], n_cells: NDArray[np.float64]
) -> NDArray[np.float64]:
    a, b = n_votes[:, None], n_votes[None, :]
    spread = np.sqrt(a * b * np.maximum(n_cells - a, 0) * np.maximum(n_cells - b, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = (n_cells * equal - a * b) / spread
    # Both vote the same everywhere: no spread, but copies all the same.
    return np.where(spread > 0, found, np.where(equal == np.minimum(a, b), 1.0, 0.0))

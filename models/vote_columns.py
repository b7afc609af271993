"""Votes as a sparse matrix of items by columns, a column being one value of one source."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from labels.votes import Votes

CHUNK = 16_384
"""Items looked at together: their posteriors stay within the processor's cache."""


@dataclass(frozen=True)
class VoteColumns:
    """What each source said, ready for products with per-column tables.

    Column c is "source `source[c]` said value `value[c]`"; only columns that occur are there,
    ordered by source, then value. `matrix` (n_items, n_columns) counts them, in CSR form.
    """

    votes: Votes
    source: NDArray[np.int64]
    value: NDArray[np.int64]
    matrix: sparse.csr_matrix

    @classmethod
    def of(cls, votes: Votes) -> "VoteColumns":
        """The columns of these votes. A source that votes twice on an item counts twice."""
        n_values = max(len(votes.vocabulary), 1)
        key = votes.source * n_values + votes.value
        if len(votes.sources) * n_values <= max(4 * len(key), 1_000_000):
            seen = np.zeros(len(votes.sources) * n_values, dtype=bool)
            seen[key] = True
            keys = np.flatnonzero(seen)
            column = (np.cumsum(seen, dtype=np.int32) - 1)[key]
        else:
            keys, column = np.unique(key, return_inverse=True)
        return cls(votes, keys // n_values, keys % n_values, _matrix(votes, column, len(keys)))

    @property
    def n_columns(self) -> int:
        """How many (source, value) pairs occur."""
        return len(self.source)

    def votes_per_item(self) -> NDArray[np.int64]:
        """(n_items,): how many votes each item has."""
        return np.diff(self.matrix.indptr).astype(np.int64)

    def chunks(self) -> Iterator[tuple[slice, sparse.csr_matrix]]:
        """The matrix in runs of items, without copying what it holds."""
        whole = self.matrix
        for start in range(0, whole.shape[0], CHUNK):
            stop = min(start + CHUNK, whole.shape[0])
            first, last = whole.indptr[start], whole.indptr[stop]
            rows = sparse.csr_matrix((stop - start, whole.shape[1]), dtype=whole.dtype)
            rows.data = whole.data[first:last]
            rows.indices = whole.indices[first:last]
            rows.indptr = whole.indptr[start : stop + 1] - first
            yield slice(start, stop), rows


def _matrix(votes: Votes, column: NDArray[np.int64], n_columns: int) -> sparse.csr_matrix:
    item = votes.item
    if len(item) and np.any(item[1:] < item[:-1]):
        column = column[np.argsort(item, kind="stable")]
    ends = np.cumsum(np.bincount(item, minlength=votes.n_items))
    matrix = sparse.csr_matrix((votes.n_items, n_columns), dtype=np.float64)
    matrix.data = np.ones(len(column))
    matrix.indices = column.astype(np.int32)
    matrix.indptr = np.concatenate([[0], ends]).astype(np.int32)
    return matrix

"""The features as every fold sees them: as they are, and against the speaker's usual."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.folds import Folds
from models.voices import VoiceScaling, groups

_MOST_SILENT = 20_000
"""So many rows without a label at most help to say how voices differ."""


@dataclass(frozen=True)
class Views:
    """Inputs of n labelled rows for `n_models` models (one a fold, and the one that is kept).

    `inputs` (n_views * n_models, n, D), view by view. `scalings` are the models', each learnt
    without its held-out speakers; `table` (n, d) and `speakers` (n,) the rows' own; `known_wide`
    (n, 3d+1) the rows with all that is known of their speakers; `rows` (n,) their places.
    """

    inputs: NDArray[np.float32]
    scalings: tuple[VoiceScaling, ...]
    n_views: int
    table: NDArray[np.float64]
    speakers: tuple[str | None, ...]
    folds: Folds
    known_wide: NDArray[np.float64]
    rows: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        table: NDArray[np.float64],
        speakers: Sequence[str | None],
        rows: NDArray[np.int64],
        folds: Folds,
        *,
        n_views: int,
    ) -> "Views":
        """From all features (N, d) and speakers (N,), of which `rows` (n,) have labels."""
        silent = np.setdiff1d(np.arange(len(table)), rows)
        base = np.concatenate([rows, silent[:: -(-len(silent) // _MOST_SILENT) or 1]])
        seen, told = table[base], [speakers[i] for i in base]
        if n_views == 1:
            told = [None] * len(told)
        own = groups(told)
        whole = VoiceScaling.fit(seen, told)
        missing = whole.raw.sometimes_missing
        scalings = []
        for fold in range(folds.n_folds if folds.n_folds > 1 else 0):
            out = np.zeros(len(base), dtype=bool)
            out[: len(rows)] = folds.of_row == fold
            if folds.by == "speaker":
                out |= np.isin(own, own[: len(rows)][folds.of_row == fold])
            heard = [told[i] for i in np.flatnonzero(~out)]
            scalings.append(VoiceScaling.fit(seen[~out], heard, missing))
        scalings.append(whole)
        inputs = np.concatenate(
            [
                one.branches(_wide(one, seen, told, n_views)[: len(rows)])[:n_views, None]
                for one in scalings
            ],
            axis=1,
        )
        return cls(
            inputs.reshape(-1, *inputs.shape[2:]),
            tuple(scalings),
            n_views,
            table[rows],
            tuple(speakers[i] for i in rows),
            folds,
            _wide(whole, seen, told, n_views)[: len(rows)],
            rows,
        )

    @property
    def n_models(self) -> int:
        """Models a view: a fold's each, and the one over all rows."""
        return len(self.scalings)

    @property
    def n_columns(self) -> int:
        """D, the width of the inputs."""
        return self.inputs.shape[2]

    @property
    def scaling(self) -> VoiceScaling:
        """That of the model over all rows."""
        return self.scalings[-1]

    @property
    def full(self) -> NDArray[np.int64]:
        """The members over all rows, one a view."""
        return self.n_models * (1 + np.arange(self.n_views)) - 1

    def held_out(self, fold: int, level: int, seed: int) -> NDArray[np.float32]:
        """Inputs (n_views, h, D) of a fold's held-out rows, `level` utterances heard of each
        speaker, as its model sees them."""
        rows = np.flatnonzero(self.folds.of_row == fold)
        told = [self.speakers[i] for i in rows]
        scaling = self.scalings[fold]
        if self.n_views == 1:
            return scaling.branches(self.table[rows])[:1]
        return scaling.branches(scaling.enrolled(self.table[rows], told, level, seed))


def _wide(
    scaling: VoiceScaling,
    table: NDArray[np.float64],
    speakers: Sequence[str | None],
    n_views: int,
) -> NDArray[np.float64]:
    return scaling.wide(table, speakers if n_views > 1 else None)

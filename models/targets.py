"""What is known of segments, for training: soft labels and gold side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class TrainingError(ValueError):
    """Labels that nothing can be learnt from; the message is one line."""


@dataclass(frozen=True)
class Targets:
    """What is known of n segments.

    `proba` (n, k): distribution over classes (one-hot for gold); `weight` (n,) in [0, 1]: how far
    it is trusted: 1 for gold, the soft label's confidence else, 0 = nothing is known.
    `scales` (n, s) in scale units, NaN = not known; `scale_weight` (n, s) likewise in [0, 1].
    `is_gold` (n,): which rows' labels are experts'. `votes` (n, k), where given, is what weak
    labels say of every row, those with gold too, NaN where they say nothing: gold then shows how
    far they are to be believed. `heard` (n,), where given, is which rows' weak labels people had a
    vote in, and not labelling functions alone.
    """

    proba: NDArray[np.float64]
    weight: NDArray[np.float64]
    scales: NDArray[np.float64]
    scale_weight: NDArray[np.float64]
    is_gold: NDArray[np.bool_]
    votes: NDArray[np.float64] | None = None
    heard: NDArray[np.bool_] | None = None

    def rows(self, chosen: NDArray[np.int64]) -> "Targets":
        """What is known of some segments alone."""
        return Targets(
            self.proba[chosen],
            self.weight[chosen],
            self.scales[chosen],
            self.scale_weight[chosen],
            np.asarray(self.is_gold, dtype=bool)[chosen],
            None if self.votes is None else self.votes[chosen],
            None if self.heard is None else self.heard[chosen],
        )

    def check(self, n_rows: int, n_classes: int, n_scales: int) -> None:
        """Raises TrainingError in one line where shapes or values do not hold."""
        for name, shape in (
            ("proba", (n_rows, n_classes)),
            ("weight", (n_rows,)),
            ("scales", (n_rows, n_scales)),
            ("scale_weight", (n_rows, n_scales)),
            ("is_gold", (n_rows,)),
            *([] if self.votes is None else [("votes", (n_rows, n_classes))]),
            *([] if self.heard is None else [("heard", (n_rows,))]),
        ):
            if np.shape(getattr(self, name)) != shape:
                raise TrainingError(
                    f"targets.{name} must be of shape {shape}, not {np.shape(getattr(self, name))}"
                )
        for name in ("weight", "scale_weight"):
            values = np.asarray(getattr(self, name))
            if not (np.isfinite(values) & (values >= 0)).all():
                raise TrainingError(f"targets.{name} must be finite and not negative")
        told = np.asarray(self.weight) > 0
        sums = np.asarray(self.proba)[told].sum(axis=1)
        if not np.allclose(sums, 1.0, atol=1e-3):
            row = int(np.flatnonzero(told)[~np.isclose(sums, 1.0, atol=1e-3)][0])
            raise TrainingError(f"targets.proba of row {row} does not sum to 1")
        known = np.isfinite(self.scales) & (np.asarray(self.scale_weight) > 0)
        if not told.any() and not known.any():
            raise TrainingError("nothing to learn from: no row has a label that weighs anything")

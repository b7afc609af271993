"""Features against a speaker's usual: raw and normalised side by side, for any number of
utterances heard of the speaker, none included.

What is known of a speaker is shrunk feature by feature towards the pool, by how far speakers
differ and how far one speaker varies (empirical Bayes: Efron & Morris 1973, Stein's estimation
rule and its competitors), so that two utterances help and none cost nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.scaling import CLIP, InputScaling
from models.voice_variation import between_speakers, finite, sums_by

PRIOR_UTTERANCES = 20.0
"""The pooled deviation within speakers counts like this many utterances beside a speaker's own."""

SPEAKER_NOISE = 10.0
"""Of a voice nobody heard before, how speakers differ is noise: in the view of features as they
are its variance counts this many times. With few speakers to learn from, a model would otherwise
take for emotion what sets one of them apart. Linear members on nEMO, EMO-DB and from one to the
other, UAR at 0, 1, 3, 10, 30: .540 .544 .549 .549 .545, .844 .846 .843 .843 .842, .711 .716 .718
.726 .722; log-loss is least at 10 or level with it on all."""

_MOST_PAIRED = 2000


@dataclass(frozen=True)
class Voices:
    """What is known of g speakers: `usual` (g, d), `spread` (g, d), `n_heard` (g,) utterances."""

    usual: NDArray[np.float64]
    spread: NDArray[np.float64]
    n_heard: NDArray[np.float64]


@dataclass(frozen=True)
class VoiceScaling:
    """What training learnt of features across and within speakers.

    `raw` scales a feature as it is; `centre` (d,) is the mean of the speakers' means, `spread`
    (d,) the pooled deviation within a speaker, `between` (d,) the variance of their true means.
    """

    raw: InputScaling
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    between: NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        features: ArrayLike,
        speakers: Sequence[str | None],
        sometimes_missing: NDArray[np.bool_] | None = None,
    ) -> "VoiceScaling":
        """From features (n, d), NaN where not known; None is a speaker of its own.

        `sometimes_missing` (d,), where given, stands in for what these rows would say of that.
        """
        table = finite(features)
        raw = InputScaling.fit(table)
        if sometimes_missing is not None:
            raw = replace(raw, sometimes_missing=sometimes_missing)
        of_row = groups(speakers)
        count, total, square = sums_by(table - raw.centre, of_row)
        known = count > 0
        mean = total / np.maximum(count, 1)
        inner = np.maximum(square - count * mean**2, 0).sum(axis=0)
        freedom = np.maximum(count - 1, 0).sum(axis=0)
        plain = np.where(np.isfinite(raw.spread), raw.spread, 1.0)
        spread = np.where(freedom >= 2, np.sqrt(inner / np.maximum(freedom, 1)), plain)
        n_known = np.maximum(known.sum(axis=0), 1)
        centre = np.where(known, mean, 0).sum(axis=0) / n_known
        variance = np.where(known, (mean - centre) ** 2, 0).sum(axis=0) / np.maximum(n_known - 1, 1)
        noise = np.where(known, spread**2 / np.maximum(count, 1), 0).sum(axis=0) / n_known
        between = between_speakers(variance - noise, spread**2, n_known)
        spread = np.where(np.isfinite(raw.spread) & (spread > 0), spread, np.inf)
        return cls(raw, raw.centre + centre, spread, between)

    @property
    def n_inputs(self) -> int:
        """How many features there are."""
        return self.raw.n_inputs

    @property
    def n_wide(self) -> int:
        """The width of features with what is known of their speaker beside them."""
        return 3 * self.n_inputs + 1

    def voices(self, features: ArrayLike, of_row: NDArray[np.int64]) -> Voices:
        """What utterances (n, d) say of their speakers; `of_row` (n,) numbers them from 0."""
        count, total, square = sums_by(finite(features) - self.centre, of_row)
        return self._shrunk(count, total, square)

    def _shrunk(
        self, count: NDArray[np.float64], total: NDArray[np.float64], square: NDArray[np.float64]
    ) -> Voices:
        own = np.maximum(square - total**2 / np.maximum(count, 1), 0)
        pooled = np.where(np.isfinite(self.spread), self.spread, 0.0) ** 2
        freedom = np.maximum(count - 1, 0)
        spread = np.sqrt((PRIOR_UTTERANCES * pooled + own) / (PRIOR_UTTERANCES + freedom))
        noise = pooled / np.maximum(count, 1)
        trust = np.where(count > 0, self.between / np.maximum(self.between + noise, 1e-300), 0.0)
        usual = self.centre + trust * total / np.maximum(count, 1)
        spread = np.where(np.isfinite(self.spread), spread, np.inf)
        return Voices(usual, spread, count.max(axis=1, initial=0.0))

    def nobody(self, n: int) -> Voices:
        """n speakers of whom nothing was heard."""
        shape = (n, self.n_inputs)
        usual, spread = np.broadcast_to(self.centre, shape), np.broadcast_to(self.spread, shape)
        return Voices(usual, spread, np.zeros(n))

    def wide(
        self, features: ArrayLike, speakers: Sequence[str | None] | None = None
    ) -> NDArray[np.float64]:
        """Features (n, d) with their speaker's usual, spread and number of utterances: (n, 3d+1).

        What is known of a speaker is told from the speaker's own rows among these; without
        `speakers`, nothing is.
        """
        table = finite(features)
        if speakers is None:
            return joined(table, self.nobody(len(table)))
        of_row = groups(speakers)
        return joined(table, self.voices(table, of_row), of_row)

    def enrolled(
        self, features: ArrayLike, speakers: Sequence[str | None], n: int, seed: int
    ) -> NDArray[np.float64]:
        """As `wide`, each row knowing `n` other utterances of its speaker, drawn by `seed`.

        Where a speaker has no more than that, all their utterances are known.
        """
        table = finite(features)
        if n <= 0:
            return self.wide(table)
        out = self.wide(table, speakers)
        rng = np.random.default_rng(seed)
        of_row = groups(speakers)
        order = np.argsort(of_row, kind="stable")
        starts = np.flatnonzero(np.diff(of_row[order], prepend=-1))
        for rows in np.split(order, starts[1:]):
            if len(rows) - 1 <= n:
                continue
            centred = table[rows] - self.centre
            known = np.isfinite(centred)
            centred = np.where(known, centred, 0.0)
            others = _others(len(rows), n, rng)
            count, total, square = (
                values[others].sum(axis=1)
                for values in (known.astype(np.float64), centred, centred**2)
            )
            out[rows] = joined(table[rows], self._shrunk(count, total, square))
        return out

    def branches(self, wide: ArrayLike) -> NDArray[np.float32]:
        """(2, n, D) float32 without NaN: as they are, and against the speaker's usual.

        From (n, d), where nothing is known of any speaker, or (n, 3d+1) of `wide`. Raises
        ValueError on another width.
        """
        table = np.asarray(wide, dtype=np.float64)
        d = self.n_inputs
        if table.ndim != 2 or table.shape[1] not in (d, self.n_wide):
            raise ValueError(
                f"features must be (n, {d}), as in training, or (n, {self.n_wide}) with what is "
                f"known of the speaker, not {table.shape}"
            )
        if table.shape[1] == d:
            table = self.wide(table)
        plain = self.raw.transform(table[:, :d])
        plain[:, :d] *= self._dampened
        against = (table[:, :d] - table[:, d : 2 * d]) / table[:, 2 * d : 3 * d]
        own = np.clip(np.nan_to_num(against, nan=0.0, posinf=0.0, neginf=0.0), -CLIP, CLIP)
        absent = plain[:, d:]
        return np.stack([plain, np.concatenate([own.astype(np.float32), absent], axis=1)])

    @property
    def _dampened(self) -> NDArray[np.float32]:
        """(d,) what the features as they are count, the less the more speakers differ in them."""
        within = np.where(np.isfinite(self.spread), self.spread, 0.0)
        noisy = np.sqrt(within**2 + SPEAKER_NOISE * self.between)
        known = np.isfinite(self.raw.spread) & (noisy > 0)
        kept = np.where(known, self.raw.spread, 1.0) / np.where(known, noisy, 1.0)
        return np.minimum(kept, 1.3).astype(np.float32)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All it holds, by name, for a file."""
        return {
            "raw_centre": self.raw.centre,
            "raw_spread": self.raw.spread,
            "sometimes_missing": self.raw.sometimes_missing,
            "centre": self.centre,
            "spread": self.spread,
            "between": self.between,
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "VoiceScaling":
        """What `arrays` gave."""
        raw = InputScaling(arrays["raw_centre"], arrays["raw_spread"], arrays["sometimes_missing"])  # type: ignore[arg-type]
        return cls(raw, arrays["centre"], arrays["spread"], arrays["between"])  # type: ignore[arg-type]


def groups(speakers: Sequence[str | None]) -> NDArray[np.int64]:
    """Numbers from 0 for speakers (n,); None and "" are speakers of their own."""
    names = [name if name else f"\0row {i}" for i, name in enumerate(speakers)]
    return np.unique(np.asarray(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def joined(
    table: NDArray[np.float64], voices: Voices, of_row: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Rows (n, d) with their voices beside them, (n, 3d+1); voice i is row i's by default."""
    at = slice(None) if of_row is None else of_row
    return np.concatenate(
        [table, voices.usual[at], voices.spread[at], voices.n_heard[at][:, None]], axis=1
    )


def _others(n_rows: int, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """For each of n_rows rows, n others: (n_rows, n)."""
    if n_rows > _MOST_PAIRED:
        drawn = rng.integers(0, n_rows - 1, (n_rows, n))
    else:
        drawn = np.argpartition(rng.random((n_rows, n_rows - 1)), n - 1, axis=1)[:, :n]
    return drawn + (drawn >= np.arange(n_rows)[:, None])

"""What experts said so far: which clips are settled, and whom one could still ask about the rest.

Held-out clips stay out of all this: asked again where the model disagrees, they would be corrected
towards the model that they are to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import db.accounts
import db.batches
from active_learning.opinions import USUAL, believed
from rounds.artifacts import Made
from rounds.snapshot import gold_of
from rounds.soft_labels import from_frame
from rounds.workspace import Workspace


@dataclass(frozen=True)
class Judged:
    """Clips of training speakers that experts judged and no adjudicator decided.

    `rows` (m,) of the pool; `posterior` (m, k) by soft labels and experts; `label` (m,) their
    gold, -1 where there is none; `judges` (m) who judged each. `reliability` of experts by name,
    `usual` their mean; `further` (m,) the mean of those who could still be asked, NaN where there
    is nobody.
    """

    rows: NDArray[np.int64]
    posterior: NDArray[np.float64]
    label: NDArray[np.int64]
    judges: tuple[tuple[str, ...], ...]
    reliability: Mapping[str, float]
    usual: float
    further: NDArray[np.float64]

    def standing(self) -> NDArray[np.float64]:
        """How likely each one's gold is right (m,); NaN where there is none."""
        at = self.posterior[np.arange(len(self.label)), np.maximum(self.label, 0)]
        return np.where(self.label >= 0, at, np.nan)

    def told(self, at: int, classes: tuple[str, ...]) -> str:
        """Who judged a clip and how that leaves it, in words and figures."""
        second, best = np.argsort(self.posterior[at], kind="stable")[-2:]
        p = self.posterior[at]
        *others, last = self.judges[at]
        names = f"{', '.join(others)} and {last}" if others else last
        return (
            f"judged by {names}: {classes[best]} {p[best]:.2f} against {classes[second]} "
            f"{p[second]:.2f}"
        )


def judged(workspace: Workspace, snapshot: Made, soft: Made) -> Judged:
    """What is known of judged clips: their soft labels joined with what experts said of them.

    How reliable an expert is comes of the same model (`active_learning.opinions.believed`).
    """
    pool, said = snapshot.frame("pool"), snapshot.frame("judgements")
    said = said[said["stands"] & (said["dimension"] == "emotion") & (said["role"] != "crowd")]
    row_of = pd.Series(np.arange(len(pool)), index=pool["segment_id"])
    row_of = row_of[pool["split"].to_numpy() != "held_out"]
    decided = set(said.loc[said["role"] == "adjudicator", "segment_id"])
    said = said[said["segment_id"].isin(row_of.index) & ~said["segment_id"].isin(decided)]
    judges = said.groupby("segment_id", sort=True)["annotator"].agg(lambda names: sorted({*names}))
    segments = judges.index.to_numpy(dtype=str)
    prior = from_frame(soft.frame().set_index("segment_id").loc[segments], workspace).proba
    answers = said[~said["is_verdict"]]
    names, rater = np.unique(answers["annotator"].to_numpy(dtype=str), return_inverse=True)
    index_of = {value: workspace.scheme.class_index(value) for value in answers["value"].unique()}
    posterior, right = believed(
        prior,
        np.searchsorted(segments, answers["segment_id"].to_numpy(dtype=str)),
        rater,
        answers["value"].map(index_of).to_numpy(dtype=np.int64),
        len(names),
    )
    reliability = dict(zip(names.tolist(), right.tolist(), strict=True))
    usual = float(right.mean()) if len(right) else USUAL
    known = {*said["annotator"], *_annotators(workspace)}
    asked = tuple(tuple(one) for one in judges)
    gold = gold_of(workspace, snapshot)[0]
    further = [[reliability.get(n, usual) for n in sorted(known - {*one})] for one in asked]
    return Judged(
        row_of[segments].to_numpy(dtype=np.int64),
        posterior,
        np.array([gold.get(segment, -1) for segment in segments], dtype=np.int64),
        asked,
        reliability,
        usual,
        np.array([np.mean(one) if one else np.nan for one in further]),
    )


def settle(workspace: Workspace, snapshot: Made, soft: Made, level: float) -> list[str]:
    """Ask for no more judgements on clips of open batches whose gold is sure to `level`; a line a
    batch. Clips of the random slice are judged as often as was asked for: on them agreement is
    measured.
    """
    with workspace.reading() as tx:
        open_ = [b for b in db.batches.list_batches(tx, state=db.batches.OPEN) if b.overlap > 1]
    if not open_:
        return []
    known = judged(workspace, snapshot, soft)
    ids = snapshot.frame("pool")["segment_id"].to_numpy()[known.rows]
    enough = known.standing() >= level
    n_judges = {
        str(segment): len(names)
        for segment, names, is_enough in zip(ids, known.judges, enough, strict=True)
        if is_enough
    }
    notes = []
    for batch in open_:
        with workspace.writing() as tx:
            n = db.batches.ask_for_no_more(tx, batch.id, n_judges)
            db.batches.refresh_batch(tx, batch.id)
        if n:
            clips = "1 clip is" if n == 1 else f"{n} clips are"
            notes.append(f"{batch.id}: {clips} settled: no further judgement is waited for")
    return notes


def _annotators(workspace: Workspace) -> set[str]:
    """Who may judge at the desk, whether they have judged or not."""
    with workspace.reading() as tx:
        accounts = db.accounts.list_accounts(tx)
    return {one.name for one in accounts if one.role == "annotator" and one.revoked_at is None}

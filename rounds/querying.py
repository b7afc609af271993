"""The part of a batch that is to teach: first labels by a strategy, and further opinions."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.batch import Batch, compose, predicted
from active_learning.opinions import is_settled, next_judgements, without_vote
from active_learning.rules import USUAL, Rules
from active_learning.selection import Selection, select
from active_learning.space import standardised
from active_learning.uncertainty import probabilities
from rounds import auditing, inputs, opinions
from rounds.artifacts import Made
from rounds.plan import HANDLING_S, RoundPlan
from rounds.training import load_model
from rounds.workspace import Workspace

_WIDER = 4
"""How many more clips are ranked than wanted, for quotas and floors to choose from."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a batch: see RoundPlan, whose words these are; times are in seconds."""

    n_items: int | None
    evaluation_share: float
    strategy: str
    seed: int
    rules: Rules = USUAL
    handling_s: float = HANDLING_S
    overlap: int = 1
    opinion_share: float = 0.25
    settled: float = 0.95

    @classmethod
    def of(cls, plan: RoundPlan, seed: int) -> "Asked":
        """What a round's plan asks of its batch."""
        return cls(
            plan.batch_size,
            plan.evaluation_share,
            plan.strategy,
            seed,
            plan.rules,
            plan.handling_s,
            plan.overlap,
            plan.opinion_share,
            plan.settled,
        )

    def cost_s(self, pool: pd.DataFrame) -> NDArray[np.float64]:
        """What each clip of the pool (n,) takes to hear and judge, by as many as are to, in s."""
        each = pool["duration_s"].to_numpy(dtype=float) + self.handling_s
        return np.asarray(self.overlap * each, dtype=np.float64)

    def time_s(self, pool: pd.DataFrame, one: "Row") -> float:
        """What a clip of a batch takes, in s; one more opinion is one judgement."""
        each = float(pool["duration_s"].iat[one.row]) + self.handling_s
        return each if one.is_opinion else self.overlap * each


@dataclass(frozen=True)
class Row:
    """A clip of a batch: its row of the pool, and what goes with it into the batch's table."""

    row: int
    purpose: str
    score: float
    reason: str
    n_extra: int = 0
    is_opinion: bool = False


@dataclass(frozen=True)
class Query:
    """The part of a batch that is to teach, in the making. `training` are the free rows."""

    workspace: Workspace
    snapshot: Made
    model: Made
    asked: Asked
    pool: pd.DataFrame
    read: inputs.Inputs
    training: NDArray[np.int64]
    gold: pd.Series
    waiting: set[str]

    def left_s(self, slice_: NDArray[np.int64]) -> float | None:
        """What the random slice leaves of the time, in s; None where there is no budget."""
        budget_s = self.asked.rules.budget_s
        if budget_s is None:
            return None
        return max(budget_s - float(self.asked.cost_s(self.pool)[slice_].sum()), 1e-9)

    def rows(
        self, n: int, budget_s: float | None, soft: Made | None, votes: Made | None
    ) -> list[Row]:
        """The best `n`, or as many as the time pays for: first labels and further opinions."""
        taught = (self.gold.notna() & (self.pool["split"] != "held_out")).to_numpy()
        # What a model doubts says little while it has only heard weak labels.
        cold = self.asked.strategy == "default" and not taught.any()
        model = None if cold else load_model(self.model)
        seen = self.read.values if model is None else self.read.for_model(model)
        chosen = select(
            model,
            seen[self.training],
            min(_WIDER * n, len(self.training)),
            strategy=self.asked.strategy,
            seed=self.asked.seed,
            classes=self.workspace.scheme.classes,
            labelled=seen[taught],
            labels=self.gold[taught].to_numpy(dtype=np.int64),
            prior=self._prior(soft) if cold else None,
        )
        everything = None if model is None else probabilities(model, seen)
        proba = None if everything is None else everything[self.training]
        further = []
        if soft is not None and everything is not None:
            further = self._further(n, chosen, everything, soft)
        if budget_s is not None:
            spent_s = sum(self.asked.time_s(self.pool, one) for one in further)
            budget_s = max(budget_s - spent_s, 1e-9)
        batch = self._compose(chosen, n - len(further), budget_s, seen, proba)
        told = None if proba is None else proba[batch.rows]
        audits = auditing.contradicted(self.workspace, votes, self.training[batch.rows], told)
        place = {int(row): i for i, row in enumerate(chosen.indices)}
        first = []
        for row, note, audit in zip(batch.rows.tolist(), batch.notes, audits, strict=True):
            at = place[row]
            reason = "; ".join(filter(None, (chosen.reasons[at], note, audit)))
            first.append(Row(int(self.training[row]), "query", float(chosen.scores[at]), reason))
        return first + further

    def _compose(
        self,
        chosen: Selection,
        n: int,
        budget_s: float | None,
        seen: np.ndarray,
        proba: NDArray[np.float64] | None,
    ) -> Batch:
        about = self.pool.iloc[self.training].reset_index(drop=True)
        about = about.assign(
            speaker=about["speaker_id"], emotion=predicted(proba, self.workspace.scheme.classes)
        )
        cost, points = self.asked.cost_s(about), standardised(seen[self.training])[0]
        most = len(chosen.indices) if self.asked.n_items is None else n
        while True:
            batch = compose(
                chosen.indices,
                n,
                replace(self.asked.rules, budget_s=budget_s),
                about=about,
                points=points,
                cost_s=cost,
                worth=chosen.scores,
            )
            spent_s = float(cost[batch.rows].sum())
            if budget_s is None or len(batch.rows) < n or n >= most or spent_s > 0.95 * budget_s:
                return batch
            # Clips shorter than the mean were chosen: there is time for more of them.
            n = min(most, max(n + 1, int(n * budget_s / spent_s)))

    def _further(
        self, n: int, chosen: Selection, told: NDArray[np.float64], soft: Made
    ) -> list[Row]:
        """Clips of which one more opinion is worth more than a first label of the others.

        `told` is what the model says of the whole pool (n_pool, k).
        """
        most = int(self.asked.opinion_share * n)
        if not most:
            return []
        known = opinions.judged(self.workspace, self.snapshot, soft)
        # Of a clip without gold nothing is learnt: all there is is what the model would guess.
        guess, standing = without_vote(told[known.rows]).max(axis=1), known.standing()
        waits = self.pool["segment_id"].isin(self.waiting).to_numpy()[known.rows]
        settled = is_settled(known.posterior, self.asked.settled)
        open_ = np.flatnonzero(np.isfinite(known.further) & ~waits & ~settled)
        bought = next_judgements(
            told[self.training[chosen.indices[:n]]],
            known.posterior[open_],
            [len(known.judges[i]) for i in open_],
            n,
            reliability=known.usual,
            further_reliability=known.further[open_],
            standing=np.where(np.isfinite(standing), standing, guess)[open_],
            settled=self.asked.settled,
        )
        further = [(int(open_[one.index]), one.value) for one in bought if not one.first]
        return [self._opinion(known, at, worth) for at, worth in further[:most]]

    def _opinion(self, known: opinions.Judged, at: int, worth: float) -> Row:
        n_extra = max(0, len(known.judges[at]) + 1 - self.asked.overlap)
        told = known.told(at, self.workspace.scheme.classes)
        open_ = "" if known.label[at] >= 0 else ", no gold yet"
        reason = f"another opinion: {told}{open_}; one more vote is worth {worth:+.2f}"
        return Row(int(known.rows[at]), "query", worth, reason, n_extra, is_opinion=True)

    def _prior(self, soft: Made | None) -> np.ndarray | None:
        """Soft labels (n, k) of the free segments, even where a segment has none; None without."""
        if soft is None:
            return None
        classes = self.workspace.scheme.classes
        weak = soft.frame().set_index("segment_id")[[f"p_{name}" for name in classes]]
        of_free = weak.reindex(self.pool["segment_id"].iloc[self.training])
        return of_free.fillna(1 / len(classes)).to_numpy(dtype=float)

"""Select: which segments an expert should hear next, and why each."""

from pathlib import Path

import numpy as np
import pandas as pd

import db.batches
from active_learning.batch import USUAL, Rules, compose, predicted
from active_learning.selection import select
from active_learning.space import standardised
from active_learning.uncertainty import probabilities
from rounds import inputs
from rounds.artifacts import Json, Made, digest, make, write_frame
from rounds.snapshot import gold_of
from rounds.training import load_model
from rounds.workspace import Workspace

KIND = "selection"

HANDLING_S = 6.0
"""What a judgement takes beside listening: thinking, keys, the next clip."""

_WIDER = 4
"""How many more clips are ranked than wanted, for quotas and floors to choose from."""


def choose(
    workspace: Workspace,
    snapshot: Made,
    model: Made,
    *,
    n_items: int,
    evaluation_share: float,
    strategy: str,
    seed: int,
    soft: Made | None = None,
    rules: Rules = USUAL,
) -> Made:
    """A batch: a random slice of held-out speakers for judging, the rest chosen by `strategy`.

    Segments with expert judgements, and those waiting in a batch, are not chosen again. Where
    one side runs short the other fills up. What the strategy asks for is held to `rules` (voices,
    genders, predicted emotions, near-copies, time); the slice is chance alone. While no expert
    was heard the `soft` labels say which emotions are rare.

    Table `data`: segment_id, rank, purpose ("query", "evaluation"), score, reason.
    """
    pool = snapshot.frame("pool")
    read = inputs.of(workspace, pool)
    waiting = _waiting(workspace)
    made_from = {
        "snapshot": snapshot.id,
        "model": model.id,
        "inputs": read.id,
        "waiting": digest(sorted(waiting)),
        "n_items": n_items,
        "evaluation_share": evaluation_share,
        "strategy": strategy,
        "seed": seed,
        "soft": None if soft is None else soft.id,
        "rules": repr(rules),
    }

    def build(folder: Path) -> Json:
        gold = pool["segment_id"].map(gold_of(workspace, snapshot)[0])
        judged = set(pool.loc[gold.notna(), "segment_id"]) | waiting
        free = read.known & ~pool["segment_id"].isin(judged)
        held_out = np.flatnonzero(free & (pool["split"] == "held_out"))
        training = np.flatnonzero(free & (pool["split"] != "held_out"))
        n_slice = min(round(n_items * evaluation_share), len(held_out))
        n_query = min(n_items - n_slice, len(training))
        n_slice = min(n_items - n_query, len(held_out))
        slice_ = np.sort(np.random.default_rng(seed).choice(held_out, n_slice, replace=False))
        rows = [
            (pool["segment_id"].iat[i], "evaluation", np.nan,
             "random slice: judges the model on voices it does not train on")
            for i in slice_
        ]  # fmt: skip
        if n_query:
            taught = (gold.notna() & (pool["split"] != "held_out")).to_numpy()
            # What a model doubts says little while it has only heard weak labels.
            cold = strategy == "default" and not taught.any()
            asked = None if cold else load_model(model)
            seen = read.values if asked is None else read.for_model(asked)
            chosen = select(
                asked,
                seen[training],
                min(_WIDER * n_query, len(training)),
                strategy=strategy,
                seed=seed,
                classes=workspace.scheme.classes,
                labelled=seen[taught],
                labels=gold[taught].to_numpy(dtype=np.int64),
                prior=_prior(workspace, soft, pool["segment_id"].iloc[training]) if cold else None,
            )
            about = pool.iloc[training].reset_index(drop=True)
            proba = None if asked is None else probabilities(asked, seen[training])
            batch = compose(
                chosen.indices,
                n_query,
                rules,
                about=about.assign(predicted=predicted(proba, workspace.scheme.classes)),
                points=standardised(seen[training])[0],
                cost_s=about["duration_s"].to_numpy(dtype=float) + HANDLING_S,
                worth=chosen.scores,
            )
            ranked = chosen.indices.tolist()
            for row, note in zip(batch.rows.tolist(), batch.notes, strict=True):
                at = ranked.index(row)
                reason = "; ".join(filter(None, (chosen.reasons[at], note)))
                segment_id = pool["segment_id"].iat[training[row]]
                rows.append((segment_id, "query", float(chosen.scores[at]), reason))
        # Shuffled, so that whoever judges cannot tell the slice from the rest by its place.
        order = np.random.default_rng(seed + 1).permutation(len(rows))
        frame = pd.DataFrame(
            [rows[i] for i in order], columns=["segment_id", "purpose", "score", "reason"]
        )
        frame.insert(1, "rank", np.arange(1, len(frame) + 1))
        write_frame(frame, folder)
        return {"n_rows": len(frame), "n_query": len(rows) - n_slice, "n_evaluation": n_slice}

    return make(workspace, KIND, "2", made_from, build)


def _prior(workspace: Workspace, soft: Made | None, segments: pd.Series) -> np.ndarray | None:
    """Soft labels (n, k) of these segments, even where a segment has none; None without any."""
    if soft is None:
        return None
    classes = workspace.scheme.classes
    weak = soft.frame().set_index("segment_id")[[f"p_{name}" for name in classes]]
    return weak.reindex(segments).fillna(1 / len(classes)).to_numpy(dtype=float)


def _waiting(workspace: Workspace) -> set[str]:
    with workspace.reading() as tx:
        return set(db.batches.waiting_segments(tx))

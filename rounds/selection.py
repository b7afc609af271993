"""Select: which segments an expert should hear next, and why each."""

from pathlib import Path

import numpy as np
import pandas as pd

import db.batches
from active_learning.selection import select
from rounds import inputs
from rounds.artifacts import Json, Made, digest, make, write_frame
from rounds.snapshot import gold_of
from rounds.training import load_model
from rounds.workspace import Workspace

KIND = "selection"


def choose(
    workspace: Workspace,
    snapshot: Made,
    model: Made,
    *,
    n_items: int,
    evaluation_share: float,
    strategy: str,
    seed: int,
) -> Made:
    """A batch: a random slice of held-out speakers for judging, the rest chosen by `strategy`.

    Segments with expert judgements, and those waiting in a batch, are not chosen again. Where
    one side runs short the other fills up. Table `data`: segment_id, rank, purpose ("query",
    "evaluation"), score, reason.
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
                n_query,
                strategy=strategy,
                seed=seed,
                classes=workspace.scheme.classes,
                labelled=seen[taught],
                labels=gold[taught].to_numpy(dtype=np.int64),
            )
            rows += [
                (pool["segment_id"].iat[training[i]], "query", float(value), reason)
                for i, value, reason in zip(
                    chosen.indices, chosen.scores, chosen.reasons, strict=True
                )
            ]
        # Shuffled, so that whoever judges cannot tell the slice from the rest by its place.
        order = np.random.default_rng(seed + 1).permutation(len(rows))
        frame = pd.DataFrame(
            [rows[i] for i in order], columns=["segment_id", "purpose", "score", "reason"]
        )
        frame.insert(1, "rank", np.arange(1, len(frame) + 1))
        write_frame(frame, folder)
        return {"n_rows": len(frame), "n_query": n_query, "n_evaluation": n_slice}

    return make(workspace, KIND, "1", made_from, build)


def _waiting(workspace: Workspace) -> set[str]:
    with workspace.reading() as tx:
        return set(db.batches.waiting_segments(tx))

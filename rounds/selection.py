"""Select: which segments an expert should hear next, and why each."""

from pathlib import Path

import numpy as np
import pandas as pd

import db.batches
from rounds import inputs
from rounds.artifacts import Json, Made, digest, make, write_frame
from rounds.querying import Asked, Query, Row
from rounds.snapshot import gold_of
from rounds.workspace import Workspace

KIND = "selection"

_SLICE = "random slice: drawn by chance from held-out voices, to judge model and weak labels"


def choose(
    workspace: Workspace,
    snapshot: Made,
    model: Made,
    asked: Asked,
    *,
    soft: Made | None = None,
    votes: Made | None = None,
) -> Made:
    """A batch: a random slice of held-out speakers for judging, the rest chosen by the strategy.

    Segments waiting in a batch are not chosen again, nor those with expert judgements, unless
    (with `soft` labels) one more opinion on them is worth more than a first one on the last of the
    others. Where one side runs short the other fills up. What the strategy asks for is held to
    the rules (voices, genders, predicted emotions, near-copies, time); the slice is chance alone.
    While no expert was heard the `soft` labels say which emotions are rare; `votes` say which
    labelling function a clip puts to the test.

    Table `data`: segment_id, rank, purpose ("query", "evaluation"), score, reason, n_extra
    (judgements wanted beyond the batch's overlap).
    """
    pool = snapshot.frame("pool")
    read = inputs.of(workspace, pool)
    waiting = _waiting(workspace)
    made_from = {
        "snapshot": snapshot.id,
        "model": model.id,
        "inputs": read.id,
        "waiting": digest(sorted(waiting)),
        "asked": repr(asked),
        "soft": None if soft is None else soft.id,
        "votes": None if votes is None else votes.id,
    }

    def build(folder: Path) -> Json:
        gold = pool["segment_id"].map(gold_of(workspace, snapshot)[0])
        judged = set(pool.loc[gold.notna(), "segment_id"]) | _heard(snapshot) | waiting
        free = read.known & ~pool["segment_id"].isin(judged).to_numpy()
        held_out = np.flatnonzero(free & (pool["split"] == "held_out").to_numpy())
        training = np.flatnonzero(free & (pool["split"] != "held_out").to_numpy())
        n_slice, n_query = _sizes(pool, held_out, training, asked)
        slice_ = np.random.default_rng(asked.seed).choice(held_out, n_slice, replace=False)
        rows = [Row(int(i), "evaluation", np.nan, _SLICE) for i in np.sort(slice_)]
        if n_query:
            query = Query(workspace, snapshot, model, asked, pool, read, training, gold, waiting)
            left_s = query.left_s(slice_)
            rows += query.rows(n_query, left_s, soft, votes)
        # Shuffled, so that whoever judges cannot tell the slice from the rest by its place.
        order = np.random.default_rng(asked.seed + 1).permutation(len(rows))
        frame = pd.DataFrame(
            [
                (pool["segment_id"].iat[one.row], one.purpose, one.score, one.reason, one.n_extra)
                for one in (rows[i] for i in order)
            ],
            columns=["segment_id", "purpose", "score", "reason", "n_extra"],
        )
        frame.insert(1, "rank", np.arange(1, len(frame) + 1))
        write_frame(frame, folder)
        return {
            "n_rows": len(frame),
            "n_query": len(rows) - n_slice,
            "n_evaluation": n_slice,
            "n_opinions": sum(one.is_opinion for one in rows),
            "minutes": float(sum(asked.time_s(pool, one) for one in rows) / 60),
        }

    return make(workspace, KIND, "3", made_from, build)


def _sizes(
    pool: pd.DataFrame, held_out: np.ndarray, training: np.ndarray, asked: Asked
) -> tuple[int, int]:
    """How many clips the slice has, and how many are queried at most.

    With a budget of time the slice's size comes of the mean cost of a clip, so that which clips
    it holds does not hang on how long they are.
    """
    budget_s, n_items = asked.rules.budget_s, asked.n_items
    n_free = len(held_out) + len(training)
    most = n_free if n_items is None else n_items
    if budget_s is not None and n_free:
        each_s = asked.cost_s(pool)[np.concatenate([held_out, training])].mean()
        paid_for = max(1, int(budget_s / each_s))
        most = min(most, paid_for)
    n_slice = min(round(most * asked.evaluation_share), len(held_out))
    n_query = min(most - n_slice, len(training))
    return min(most - n_query, len(held_out)), n_query


def _heard(snapshot: Made) -> set[str]:
    """Segments that somebody judged as an expert, gold or not."""
    said = snapshot.frame("judgements")
    return set(said.loc[said["stands"] & (said["role"] != "crowd"), "segment_id"])


def _waiting(workspace: Workspace) -> set[str]:
    with workspace.reading() as tx:
        return set(db.batches.waiting_segments(tx))

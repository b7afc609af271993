"""Which registered model is the champion: it changes only for a better one on held-out gold."""

from dataclasses import asdict
from typing import Any

import numpy as np

import db.champions
from db.records import ChampionMove
from labels.metrics import log_loss
from models.emotion_model import EmotionModel, ModelError
from rounds import inputs
from rounds.artifacts import Made
from rounds.inputs import Inputs
from rounds.snapshot import gold_of
from rounds.training import load_model
from rounds.workspace import Workspace

METRIC = "log-loss on held-out gold"


def contest(
    workspace: Workspace, snapshot: Made, challenger: Made, version: str, *, round_number: int
) -> dict[str, Any]:
    """Judge the new model against the champion on all held-out gold there is; record the outcome.

    The lower log-loss wins (a proper score, steadier on few labels than UAR); without held-out
    gold nothing moves. The record comes first and the alias follows it, so that a kill between
    the two is mended by the next call. Returns the record as plain values.
    """
    with workspace.reading() as tx:
        decided = db.champions.of_round(tx, round_number)
    tracker = workspace.tracker()
    champion = tracker.champion()
    if decided is None:
        old = champion.version if champion else None
        decided = _decide(workspace, snapshot, challenger, version, old, round_number)
        with workspace.writing() as tx:
            db.champions.record(tx, decided)
    if decided.moved and decided.to_version:
        tracker.move_champion(decided.to_version, decided.reason)
    return {name: value for name, value in asdict(decided).items() if name != "decided_at"}


def _decide(
    workspace: Workspace,
    snapshot: Made,
    challenger: Made,
    version: str,
    champion: str | None,
    round_number: int,
) -> ChampionMove:
    heard, rows, truth = held_out_gold(workspace, snapshot)
    old_score = new_score = None
    moved = False
    if not len(truth):
        reason = "no held-out gold yet to judge by"
    else:
        new_score = _log_loss(load_model(challenger), heard, rows, truth)
        if champion is None:
            moved, reason = True, f"the first model with held-out gold to its name ({len(truth)})"
        else:
            old_score, moved, reason = _against(workspace, champion, heard, rows, truth, new_score)
    return ChampionMove(
        round_number=round_number,
        from_version=champion,
        to_version=version if moved else champion,
        metric=METRIC,
        old_score=old_score,
        new_score=new_score,
        reason=reason,
        moved=moved,
    )


def _against(
    workspace: Workspace,
    champion: str,
    heard: Inputs,
    rows: np.ndarray,
    truth: np.ndarray,
    new_score: float,
) -> tuple[float | None, bool, str]:
    """(the champion's score, whether it is replaced, why)."""
    try:
        rival = workspace.tracker().load(champion)
    except ModelError as error:
        return None, True, f"version {champion} cannot be asked: {error}"
    if rival.n_features != heard.raw.shape[1]:
        return None, True, f"version {champion} reads features of another version"
    old_score = _log_loss(rival, heard, rows, truth)
    how = "better" if new_score < old_score else "not better"
    reason = f"{how} than version {champion} on {len(truth)} held-out gold labels"
    return old_score, new_score < old_score, reason


def _log_loss(model: EmotionModel, heard: Inputs, rows: np.ndarray, truth: np.ndarray) -> float:
    return log_loss(model.predict(heard.for_model(model)[rows]).proba, truth)


def held_out_gold(workspace: Workspace, snapshot: Made) -> tuple[Inputs, np.ndarray, np.ndarray]:
    """(the pool's inputs, which rows are held-out speakers' with gold and features, their class
    indices)."""
    pool = snapshot.frame("pool")
    read = inputs.of(workspace, pool)
    classes = pool["segment_id"].map(gold_of(workspace, snapshot)[0])
    rows = read.known & ((pool["split"] == "held_out") & classes.notna()).to_numpy()
    return read, rows, classes[rows].to_numpy(dtype=np.int64)

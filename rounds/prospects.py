"""What another hour of an expert is worth, from the rounds so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import db.rounds
from active_learning.stopping import agreement, prospect, share_changed
from rounds.artifacts import Made, get
from rounds.snapshot import gold_of
from rounds.workspace import Workspace

STEADY = 0.99
"""Agreement of successive models, two rounds running, above which labels hardly change them."""

MOST_ROUNDS = 12
FEWEST_CLIPS = 20
"""Clips of the random slices, below which no curve is drawn through figures on them."""

_N_DRAWS = 400


@dataclass(frozen=True)
class Spoken:
    """What a round's model answered: `answers` by segment id, classes as indices, and how many
    judgements of experts had been bought by then."""

    n_bought: float
    answers: pd.Series


def spoken(n_bought: float, said: pd.DataFrame) -> Spoken:
    """From a table with segment_id and p_<class>."""
    columns = [name for name in said if name.startswith("p_")]
    best = said[columns].to_numpy().argmax(axis=1)
    return Spoken(n_bought, pd.Series(best, index=said["segment_id"]))


def history(workspace: Workspace, number: int) -> list[Spoken]:
    """What the models of the last rounds before `number` said, oldest first, where it is kept."""
    found = []
    with workspace.reading() as tx:
        done = [r for r in db.rounds.list_rounds(tx) if r.number < number and r.metrics]
        scored = [(r.metrics, db.rounds.results(tx, r.number).get("score")) for r in done]
    for metrics, result in scored[-MOST_ROUNDS:]:
        if metrics is None or not result:
            continue
        try:
            said = get(workspace, *result["artifact"]).frame()
        except (ValueError, OSError):  # its files are gone: nothing to compare with
            continue
        found.append(spoken(float(metrics["n_bought"]), said))
    return found


def of_round(
    workspace: Workspace,
    snapshot: Made,
    row: Mapping[str, Any],
    said: pd.DataFrame,
    *,
    handling_s: float,
) -> dict[str, Any]:
    """`prospects` of a round with this row so far and these scores of its model."""
    pool = snapshot.frame("pool")
    held_out = set(pool.loc[pool["split"] == "held_out", "segment_id"])
    gold = gold_of(workspace, snapshot)[0]
    with workspace.reading() as tx:
        done = [r.metrics for r in db.rounds.list_rounds(tx) if r.number < row["round"]]
    last = (done[-1] or {}) if done else {}
    return prospects(
        [*history(workspace, row["round"]), spoken(row["n_bought"], said)],
        {segment: c for segment, c in gold.items() if segment in held_out},
        (float(pool["duration_s"].mean()) + handling_s) / 3600,
        last.get("model_agreement"),
    )


def prospects(
    models: Sequence[Spoken],
    gold: Mapping[str, int],
    each_h: float,
    before: float | None = None,
) -> dict[str, Any]:
    """What the next hour is worth: figures for the round's row, and `prospect`, a line for people.

    `models` oldest first, the last one is this round's; `gold` of the random slices (segment id ->
    class), on all of which every model is measured, so that figures differ by the models alone;
    `each_h` what a judgement takes; `before` the last round's `model_agreement`.
    `another_hour` holds gain, low and high in UAR.
    """
    row: dict[str, Any] = {}
    lines = []
    worth = _another_hour(models, gold, each_h)
    if worth is not None and np.isfinite(worth.gain):
        row["another_hour"] = {name: getattr(worth, name) for name in ("gain", "low", "high")}
        lines.append(str(worth))
    if len(models) > 1:
        then, now = _both(models[-2], models[-1])
        if len(now):
            row["model_agreement"] = agreement(then, now)
            row["answers_changed"] = float((then != now).mean())
            lines.append(
                f"this model and the last agree to {row['model_agreement']:.2f} (kappa), "
                f"{row['answers_changed']:.0%} of the answers changed"
            )
            if min(row["model_agreement"], before or 0.0) >= STEADY:
                lines.append("further labels hardly change the model: it may be time to stop")
    return row | ({"prospect": "; ".join(lines)} if lines else {})


def _another_hour(models: Sequence[Spoken], gold: Mapping[str, int], each_h: float) -> Any:
    heard = [one for one in models if one.n_bought > 0]
    common = set(gold)
    for one in heard:
        common &= set(one.answers.index)
    clips = sorted(common)
    if len(heard) < 3 or len(clips) < FEWEST_CLIPS:
        return None
    truth = np.array([gold[clip] for clip in clips])
    right = np.stack([one.answers[clips].to_numpy() == truth for one in heard])
    hours = np.array([one.n_bought for one in heard]) * each_h
    return prospect(
        hours,
        _recalls(right, truth, np.ones((1, len(truth))))[0],
        drawn=_recalls(right, truth, _redrawn(truth)),
        changed=_change_in_an_hour(heard, hours),
    )


def _recalls(
    right: NDArray[np.bool_], truth: NDArray[np.int64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """UAR (m, t) of t models that are `right` (t, n), each clip counted `counts` (m, n) times."""
    of_class = []
    for c in np.unique(truth):
        among = counts * (truth == c)
        of_class.append((among @ right.T.astype(float)) / among.sum(axis=1, keepdims=True))
    return np.asarray(np.mean(of_class, axis=0), dtype=np.float64)


def _redrawn(truth: NDArray[np.int64], seed: int = 0) -> NDArray[np.float64]:
    """How often each clip comes up when those of each class are drawn anew (m, n)."""
    rng = np.random.default_rng(seed)
    counts = np.zeros((_N_DRAWS, len(truth)))
    for c in np.unique(truth):
        (at,) = np.nonzero(truth == c)
        counts[:, at] = rng.multinomial(len(at), np.full(len(at), 1 / len(at)), size=_N_DRAWS)
    return counts


def _change_in_an_hour(models: Sequence[Spoken], hours: NDArray[np.float64]) -> float | None:
    """The most that the next hour's labels change answers by: as much as those of the last one
    did (labels change less and less), in proportion where less than an hour was spent."""
    spans = hours[-1] - hours[:-1]
    if not (spans > 0).any():
        return None
    at = int(np.argmin(np.where(spans > 0, np.abs(spans - 1), np.inf)))
    then, now = _both(models[at], models[-1])
    return min(1.0, share_changed(then, now) * max(1.0, 1 / float(spans[at])))


def _both(before: Spoken, now: Spoken) -> tuple[NDArray[Any], NDArray[Any]]:
    common = before.answers.index.intersection(now.answers.index)
    return before.answers[common].to_numpy(), now.answers[common].to_numpy()

"""A batch as its lead sees it: how far, until when, how well people agree, and who needs help."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

import db.accounts
import db.adjudications
import db.batches
import db.grants
import db.judgements
import db.leases
from annotation.desk import agreeing
from annotation.desk.agreeing import Agreement
from annotation.desk.annotators import Annotator, annotators
from annotation.desk.desk import Desk
from annotation.desk.disputes import disputed_in
from annotation.desk.giving import batch_for
from db.desk_records import Account
from db.records import Batch, BatchProgress
from labels.judgements import Judgement
from labels.scheme import Scheme

_WINDOW = timedelta(days=3)
_IDLE = timedelta(hours=24)


@dataclass(frozen=True)
class Forecast:
    """When a batch will be judged if it goes on as in the last three days.

    `n_left` judgements are still asked for, `per_day` came in a day lately, `work_s` is what they
    will take people in all; `done_at` is None where nothing tells.
    """

    n_left: int
    per_day: float
    work_s: float
    done_at: datetime | None


@dataclass(frozen=True)
class Review:
    """All of it. `n_decided` segments were adjudicated, `n_disputed` wait for that."""

    batch: Batch
    progress: BatchProgress
    forecast: Forecast
    n_disputed: int
    n_decided: int
    dimensions: list[Agreement]
    emotions: list[Agreement]
    confusion: NDArray[np.float64]
    annotators: list[Annotator]


def review(desk: Desk, who: Account, batch_id: str) -> Review:
    """A batch that `who` may see. Raises NotFoundError."""
    with desk.workspace.reading() as tx:
        batch = batch_for(tx, who, batch_id)
        said = db.judgements.read(tx, db.batches.EXPERTS, on_batch=batch_id)
        everything = db.judgements.read(tx, ["expert"], batch_id=batch_id, standing_only=False)
        gone = db.judgements.withdrawn(tx, [one.id for one in everything])
        progress = db.batches.progress(tx, batch_id)
        n_disputed = len(disputed_in(desk, tx, batch))
        decisions = db.adjudications.list_decisions(tx, batch_id=batch_id)
        stuck = _stuck(desk, tx, batch, said)
        n_wanted = sum(batch.overlap + item.n_extra for item in db.batches.items(tx, batch_id))
    repeats = [one for one in everything if one.purpose == "repeat" and one.id not in gone]
    scheme, seed = desk.workspace.scheme, desk.rules.seed
    return Review(
        batch=batch,
        progress=progress,
        forecast=_forecast(desk, batch, said, n_wanted),
        n_disputed=n_disputed,
        n_decided=len({one.segment_id for one in decisions}),
        dimensions=agreeing.by_dimension(said, scheme, seed=seed),
        emotions=agreeing.by_emotion(said, scheme, seed=seed),
        confusion=agreeing.confusion(said, scheme),
        annotators=annotators(said, repeats, decided(said, scheme), scheme, stuck),
    )


def decided(judgements: Sequence[Judgement], scheme: Scheme) -> dict[str, str]:
    """Segment -> the emotion's class that an adjudicator settled for last."""
    return {
        one.segment_id: scheme.basic(one.values["emotion"])
        for one in judgements
        if one.role == "adjudicator" and "emotion" in one.values
    }


def _forecast(desk: Desk, batch: Batch, said: Sequence[Judgement], n_wanted: int) -> Forecast:
    per_segment: dict[str, set[str]] = {}
    for one in said:
        per_segment.setdefault(one.segment_id, set()).add(one.annotator)
    n_left = max(n_wanted - sum(map(len, per_segment.values())), 0)
    if batch.state != db.batches.OPEN:
        return Forecast(0, float("nan"), 0.0, batch.completed_at)
    now = desk.now()
    begun = max(batch.created_at, now - _WINDOW)
    times = [t for one in said if (t := one.judged_at) and one.batch_id == batch.id and t >= begun]
    seconds = [one.duration_s for one in said if one.duration_s is not None]
    work_s = n_left * float(np.median(seconds)) if seconds else float("nan")
    # From the first judgement on: a batch that lay for a day has not become slower by that. Not
    # below an hour, or a handful of quick ones would promise the moon.
    span = max(now - min(times), timedelta(hours=1)) if times else _WINDOW
    per_day = len(times) / (span / timedelta(days=1))
    done = now + timedelta(days=n_left / per_day) if per_day else None
    return Forecast(n_left, per_day, work_s, done)


def _stuck(desk: Desk, tx: Any, batch: Batch, said: Sequence[Judgement]) -> dict[str, str]:
    """Why annotators who may judge an open batch do not go on: name -> words."""
    if batch.state != db.batches.OPEN:
        return {}
    given = set(db.grants.granted(tx, batch.id))
    now = desk.now()
    segments = db.batches.segment_ids(tx, batch.id)
    found = {}
    for one in db.accounts.list_accounts(tx):
        if one.role != "annotator" or one.revoked_at is not None:
            continue
        if not one.all_batches and one.name not in given:
            continue
        states = db.leases.states(tx, batch.id, segments, one.name, one.id, now)
        n_open = sum(not s.mine and s.n_judges < s.n_wanted for s in states)
        times = [t for j in said if j.annotator == one.name and (t := j.judged_at)]
        if not n_open:
            continue
        if not times:
            if now - max(batch.created_at, one.created_at) > _IDLE:
                found[one.name] = f"has not begun; {n_open} clips wait for them"
        elif now - max(times) > _IDLE:
            days = (now - max(times)).days
            ago = f"{days} days" if days > 1 else "a day"
            found[one.name] = f"nothing for {ago}; {n_open} clips wait for them"
    return found

"""A batch as its lead sees it: how far, until when, how well people agree, and who needs help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

import db.accounts
import db.adjudications
import db.batches
import db.calibrations
import db.grants
import db.said
from annotation.desk import agreeing
from annotation.desk.agreeing import Agreement
from annotation.desk.annotators import Annotator, annotators
from annotation.desk.desk import Desk
from annotation.desk.disputes import waiting_in
from annotation.desk.giving import batch_for
from db.desk_records import Account
from db.records import Batch, BatchItem, BatchProgress, Said
from labels.scheme import Scheme

_WINDOW = timedelta(days=3)
_IDLE = timedelta(hours=24)
_LONG_S, _WORTH = 0.5, 30
"""What took longer than that to work out is good for so many times as long."""


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
    """All of it, as of `at`. `n_decided` segments were adjudicated, `n_disputed` wait for that."""

    batch: Batch
    at: datetime
    progress: BatchProgress
    forecast: Forecast
    n_disputed: int
    n_decided: int
    dimensions: list[Agreement]
    emotions: list[Agreement]
    confusion: NDArray[np.float64]
    annotators: list[Annotator]


def chosen(desk: Desk, who: Account, batch_id: str) -> list[BatchItem]:
    """What a batch that `who` may see holds, and why, in its order. Raises NotFoundError."""
    with desk.workspace.reading() as tx:
        batch = batch_for(tx, who, batch_id)
        return sorted(db.batches.items(tx, batch.id), key=lambda item: item.rank)


def review(desk: Desk, who: Account, batch_id: str) -> Review:
    """A batch that `who` may see. Raises NotFoundError.

    Worked out again when something was said since. Where that took long, it is good for a while
    all the same: of a hundred thousand judgements one more tells nothing new.
    """
    with desk.workspace.reading() as tx:
        batch = batch_for(tx, who, batch_id)
        stamp = (*desk.as_of(tx), batch)
    known = desk.known.get(("review", batch_id))
    if known is not None:
        (before, until), found = known
        if before == stamp or desk.now() < until:
            return found
    began = monotonic()
    found = _worked_out(desk, batch)
    until = desk.after(_WORTH * (took_s if (took_s := monotonic() - began) > _LONG_S else 0))
    desk.known["review", batch_id] = ((stamp, until), found)
    return found


def _worked_out(desk: Desk, batch: Batch) -> Review:
    scheme, seed = desk.workspace.scheme, desk.rules.seed
    with desk.workspace.reading() as tx:
        said = db.said.read(tx, db.batches.EXPERTS, dimensions=scheme.dimensions, on_batch=batch.id)
        named = agreeing.ratings_on(said, scheme, "emotion")
        repeats = db.said.read(tx, ["expert"], repeats_of=batch.id)
        n_wanted = {one: batch.overlap + extra for one, extra in db.batches.extras(tx, batch.id)}
        stuck = _stuck(desk, tx, batch, said, n_wanted)
        calibrated = db.calibrations.latest(tx)
        found = Review(
            batch=batch,
            at=desk.now(),
            progress=db.batches.progress(tx, batch.id),
            forecast=_forecast(desk, batch, said, sum(n_wanted.values())),
            n_disputed=len(waiting_in(desk, tx, batch, said)),
            n_decided=len(
                {one.segment_id for one in db.adjudications.list_decisions(tx, batch_id=batch.id)}
            ),
            dimensions=agreeing.by_dimension(said, named, scheme, seed=seed),
            emotions=agreeing.by_emotion(named, scheme, seed=seed),
            confusion=agreeing.confusion(named, scheme),
            annotators=[],
        )
    people = annotators(said, named, repeats, decided(said, scheme), scheme, stuck, calibrated)
    return replace(found, annotators=people)


def decided(judgements: Sequence[Said], scheme: Scheme) -> dict[str, str]:
    """Segment -> the emotion's class that an adjudicator settled for last."""
    return {
        one.segment_id: scheme.basic(one.values["emotion"])
        for one in judgements
        if one.role == "adjudicator" and "emotion" in one.values
    }


def _forecast(desk: Desk, batch: Batch, said: Sequence[Said], n_wanted: int) -> Forecast:
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


def _stuck(
    desk: Desk, tx: Any, batch: Batch, said: Sequence[Said], n_wanted: Mapping[str, int]
) -> dict[str, str]:
    """Why annotators who may judge an open batch do not go on: name -> words."""
    if batch.state != db.batches.OPEN:
        return {}
    given = set(db.grants.granted(tx, batch.id))
    now = desk.now()
    judges: dict[str, set[str]] = {}
    last: dict[str, datetime] = {}
    for one in said:
        judges.setdefault(one.segment_id, set()).add(one.annotator)
        if one.judged_at is not None:
            last[one.annotator] = max(one.judged_at, last.get(one.annotator, one.judged_at))
    open_ = [judges.get(one, set()) for one, n in n_wanted.items() if len(judges.get(one, ())) < n]
    found = {}
    for one in db.accounts.list_accounts(tx):
        if one.role != "annotator" or one.revoked_at is not None:
            continue
        if not one.all_batches and one.name not in given:
            continue
        n_open = sum(one.name not in those for those in open_)
        if not n_open:
            continue
        if one.name not in last:
            if now - max(batch.created_at, one.created_at) > _IDLE:
                found[one.name] = f"has not begun; {n_open} clips wait for them"
        elif now - last[one.name] > _IDLE:
            days = (now - last[one.name]).days
            ago = f"{days} days" if days > 1 else "a day"
            found[one.name] = f"nothing for {ago}; {n_open} clips wait for them"
    return found

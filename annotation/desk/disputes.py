"""Segments on which those who judged disagree, and on which no further opinion is awaited."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import db.adjudications
import db.batches
import db.judgements
import db.said
from annotation.desk.desk import Desk
from annotation.desk.judging import is_disputed
from db.desk_records import Adjudication, Clip
from db.records import Batch, Said
from labels.judgements import Judgement


@dataclass(frozen=True)
class Dispute:
    """A segment of a batch, and the latest judgement of each who judged it, as they came."""

    batch_id: str
    segment_id: str
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True)
class Case:
    """All there is to see before a decision: the clip, what was said, what was decided before."""

    batch_id: str
    clip: Clip
    before: tuple[Clip, ...]
    judgements: tuple[Judgement, ...]
    decisions: tuple[Adjudication, ...]


def disputed(
    desk: Desk, batch_id: str | None = None, *, offset: int = 0, limit: int | None = None
) -> list[Dispute]:
    """Disputed segments of a batch (default: of all), in the order of batches and ranks; `limit`
    of them from `offset` on.

    A segment is in once it has the judgements its batch asks for, those asked for because it is
    disputed included, and they have no strict majority for one class.
    """
    with desk.workspace.reading() as tx:
        pairs = [
            (batch, segment)
            for batch in _batches(tx, batch_id)
            for segment in waiting_in(desk, tx, batch)
        ]
        pairs = pairs[offset:] if limit is None else pairs[offset : offset + limit]
        said = _said_of(tx, {segment for _, segment in pairs})
    return [Dispute(batch.id, one, tuple(latest(said[one]))) for batch, one in pairs]


def waiting(desk: Desk, batch_id: str | None = None) -> dict[str, list[str]]:
    """Batch -> its disputed segments, by rank; without what was said, and so quicker."""
    with desk.workspace.reading() as tx:
        return {one.id: waiting_in(desk, tx, one) for one in _batches(tx, batch_id)}


def waiting_in(
    desk: Desk, tx: Any, batch: Batch, judged: Iterable[Said] | None = None
) -> list[str]:
    """The same of one batch, in a transaction that is open. Worked out again only when something
    was said or taken back, anywhere, since; `judged` is what was said on it, if that is known."""
    if batch.overlap < 2:
        return []
    stamp = (*desk.as_of(tx), batch.overlap, batch.n_items)
    known = desk.known.get(("disputed", batch.id))
    if known is not None and known[0] == stamp:
        return list(known[1])
    said: dict[str, dict[tuple[str, str], Said]] = defaultdict(dict)  # the latest of each
    if judged is None:
        judged = db.said.read(tx, db.batches.EXPERTS, on_batch=batch.id)
    for one in judged:
        said[one.segment_id][one.role, one.annotator] = one
    scheme = desk.workspace.scheme
    found = [
        segment
        for segment, n_extra in db.batches.extras(tx, batch.id)
        if len(latest_of := list(said.get(segment, {}).values())) >= batch.overlap + n_extra
        and is_disputed(latest_of, scheme)
    ]
    desk.known["disputed", batch.id] = (stamp, found)
    return list(found)


def told_at(desk: Desk, tx: Any, batch: Batch) -> list[tuple[str, int, datetime | None]]:
    """Each disputed segment of a batch, how many have judged it, and when the last did."""
    said = _said_of(tx, set(segments := waiting_in(desk, tx, batch)))
    return [
        (
            segment,
            len(judged := latest(said[segment])),
            max((at for one in judged if (at := one.judged_at)), default=None),
        )
        for segment in segments
    ]


def _batches(tx: Any, batch_id: str | None) -> list[Batch]:
    return db.batches.list_batches(tx) if batch_id is None else [db.batches.get(tx, batch_id)]


def _said_of(tx: Any, segments: Collection[str]) -> dict[str, list[Judgement]]:
    """All that experts and adjudicators said of some segments, as it came."""
    said: dict[str, list[Judgement]] = defaultdict(list)
    for one in db.judgements.read(tx, db.batches.EXPERTS, segments=segments):
        said[one.segment_id].append(one)
    return said


def latest(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The latest of each annotator in each role, as they came."""
    return list({(one.role, one.annotator): one for one in judgements}.values())

"""Segments on which those who judged disagree, and on which no further opinion is awaited."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import db.adjudications
import db.batches
import db.judgements
from annotation.desk.desk import Desk
from annotation.desk.judging import is_disputed
from db.desk_records import Adjudication, Clip
from db.records import Batch
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


def disputed(desk: Desk, batch_id: str | None = None) -> list[Dispute]:
    """Disputed segments of a batch (default: of all), in the order of batches and ranks.

    A segment is in once it has the judgements its batch asks for, those asked for because it is
    disputed included, and they have no strict majority for one class.
    """
    with desk.workspace.reading() as tx:
        batches = (
            db.batches.list_batches(tx) if batch_id is None else [db.batches.get(tx, batch_id)]
        )
        return [one for batch in batches for one in disputed_in(desk, tx, batch)]


def disputed_in(desk: Desk, tx: Any, batch: Batch) -> list[Dispute]:
    """The disputed segments of one batch, in a transaction that is open."""
    if batch.overlap < 2:
        return []
    said: dict[str, list[Judgement]] = defaultdict(list)
    for one in db.judgements.read(tx, db.batches.EXPERTS, on_batch=batch.id):
        said[one.segment_id].append(one)
    found = []
    for item in db.batches.items(tx, batch.id):
        judged = latest(said.get(item.segment_id, ()))
        enough = len(judged) >= batch.overlap + item.n_extra
        if enough and is_disputed(judged, desk.workspace.scheme):
            found.append(Dispute(batch.id, item.segment_id, tuple(judged)))
    return found


def latest(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The latest of each annotator in each role, as they came."""
    return list({(one.role, one.annotator): one for one in judgements}.values())

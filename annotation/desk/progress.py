"""How far batches are, for whoever may see them."""

from dataclasses import dataclass

import db.batches
import db.grants
import db.leases
from annotation.desk.desk import Desk
from annotation.desk.giving import batch_for
from db.desk_records import Account
from db.records import Batch, BatchProgress


@dataclass(frozen=True)
class BatchView:
    """A batch as somebody sees it; `n_mine` are the segments they have judged in it."""

    batch: Batch
    progress: BatchProgress
    n_mine: int


@dataclass(frozen=True)
class Place:
    """How far somebody is in a batch."""

    state: str
    n_mine: int
    n_items: int


def place_of(desk: Desk, who: Account, batch_id: str) -> Place:
    """How far `who` is in a batch; cheap, for it is asked with every clip. Raises NotFoundError."""
    with desk.workspace.reading() as tx:
        batch = batch_for(tx, who, batch_id)
        return Place(batch.state, db.leases.n_judged_by(tx, who.name, batch_id), batch.n_items)


def batches_of(desk: Desk, who: Account) -> list[BatchView]:
    """The batches that somebody may see, the newest first."""
    with desk.workspace.reading() as tx:
        return [
            BatchView(
                batch,
                db.batches.progress(tx, batch.id),
                len(db.leases.judged_by(tx, who.name, batch.id)),
            )
            for batch in reversed(db.grants.visible(tx, who))
        ]


def batch_of(desk: Desk, who: Account, batch_id: str) -> BatchView:
    """A batch that somebody may see. Raises NotFoundError."""
    with desk.workspace.reading() as tx:
        batch = batch_for(tx, who, batch_id)
        mine = db.leases.judged_by(tx, who.name, batch_id)
        return BatchView(batch, db.batches.progress(tx, batch_id), len(mine))

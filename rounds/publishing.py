"""Publish: a selection becomes a batch that annotators can see."""

import db.batches
from db.records import BatchItem
from rounds.artifacts import Made
from rounds.workspace import Workspace


def publish(workspace: Workspace, round_number: int, selection: Made, *, overlap: int = 1) -> str:
    """Record the selection as the round's batch, once; returns the batch's id.

    `overlap` different experts are asked to judge each segment.
    """
    batch_id = f"round-{round_number}"
    items = [
        BatchItem(
            batch_id=batch_id,
            segment_id=row["segment_id"],
            rank=int(row["rank"]),
            purpose=row["purpose"],
            score=None if row["score"] != row["score"] else float(row["score"]),  # NaN: no score
            reason=row["reason"],
            n_extra=int(row.get("n_extra", 0)),
        )
        for row in selection.frame().to_dict("records")
    ]
    with workspace.writing() as tx:
        db.batches.publish_batch(tx, batch_id, items, round_number=round_number, overlap=overlap)
    return batch_id

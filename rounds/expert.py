"""A simulated expert, who judges a batch from the reference labels a corpus came with."""

from datetime import UTC, datetime

import db.batches
import db.judgements
import db.reference_labels
from labels.judgements import Judgement
from labels.simulation import SimulatedExpert
from rounds.artifacts import digest
from rounds.workspace import Workspace

ANNOTATOR = "simulated-expert"


def judge_batch(
    workspace: Workspace, batch_id: str, *, reliability: float = 1.0, seed: int = 0
) -> int:
    """Answer every segment of a batch that has a reference label; returns how many were new.

    Plainly marked: annotator and source say that it is a simulation. Asked again, it gives the
    same answers under the same ids, so nothing is stored twice.
    """
    with workspace.reading() as tx:
        items = db.batches.items(tx, batch_id)
        wanted = [item.segment_id for item in items]
        frame = db.reference_labels.frame(tx)
    frame = frame[frame["segment_id"].isin(wanted)]
    expert = SimulatedExpert(workspace.scheme, reliability=reliability, seed=seed)
    judged = []
    for segment_id, rows in frame.groupby("segment_id", sort=True):
        truth = dict(zip(rows["dimension"], rows["value"], strict=True))
        judged.append(
            Judgement(
                id=f"{ANNOTATOR}:{digest(batch_id, segment_id, reliability, seed)}",
                segment_id=str(segment_id),
                annotator=ANNOTATOR,
                role="expert",
                values=expert.judge(str(segment_id), truth),
                batch_id=batch_id,
                judged_at=datetime.now(UTC),
                source="simulation",
            )
        )
    with workspace.writing() as tx:
        outcome = db.judgements.add(tx, judged)
        db.batches.refresh_batch(tx, batch_id)
    return len(outcome.new)

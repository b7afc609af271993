"""Whether a scheduled round has anything to do."""

import db.batches
import db.judgements
import db.rounds
from rounds import pool
from rounds.artifacts import get
from rounds.workspace import Workspace


class NotDue(ValueError):  # noqa: N818 - no error: a reason to wait
    """A round would find nothing new; the message says what it waits for."""


def check_due(workspace: Workspace) -> None:
    """Raise NotDue unless a round is unfinished, or there is something that the last one had not.

    That is: its batch judged in full, new speech, or judgements other than those its batch asks
    for (a batch that is judged in part is still out).
    """
    with workspace.reading() as tx:
        rounds = db.rounds.list_rounds(tx)
        batches = {batch.round_number: batch for batch in db.batches.list_batches(tx)}
    if not rounds and pool.read(workspace).empty:
        raise NotDue("there is no speech yet; `undertone ingest SOURCE` brings some in")
    if not rounds or rounds[-1].state != db.rounds.DONE:
        return
    batch = batches[rounds[-1].number]
    if batch.state == db.batches.COMPLETE and batch.n_items:
        return
    n_segments, n_judgements = _since(workspace, rounds[-1].number, batch.id)
    if n_segments or n_judgements:
        return
    with workspace.reading() as tx:
        n_judged = db.batches.progress(tx, batch.id).n_judged
    asked = (
        f"{batch.id} is judged in {n_judged} of {batch.n_items} segments"
        if batch.n_items
        else (f"round {rounds[-1].number} found nothing left to ask")
    )
    raise NotDue(f"{asked}, and nothing new came in; `undertone round` runs one all the same")


def _since(workspace: Workspace, number: int, batch_id: str) -> tuple[int, int]:
    """How many segments, and judgements outside the batch, the round of that number did not see."""
    with workspace.reading() as tx:
        seen = get(workspace, *db.rounds.results(tx, number)["votes"]["snapshot"])
        said = db.judgements.frame(tx)
    segments = set(pool.read(workspace)["segment_id"]) - set(seen.frame("pool")["segment_id"])
    elsewhere = said.loc[said["batch_id"] != batch_id, "id"]
    return len(segments), len(set(elsewhere) - set(seen.frame("judgements")["id"]))

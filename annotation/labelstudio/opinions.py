"""How many people are to hear each clip there: as many as the batch still asks for.

A batch asks for so many judgements a clip, and for further ones of some clips. What was judged
elsewhere counts; what was skipped there counts here and not there.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import db.batches
from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.people import Person
from annotation.labelstudio.server import Json


def ask(bridge: Bridge, batch_id: str, tasks: Iterable[Json], people: Mapping[int, Person]) -> int:
    """Bring the tasks of a batch to the number of judgements that is asked for there; how many
    that changed. Raises RecordError for an unknown batch, LabelStudioError."""
    with bridge.desk.workspace.reading() as tx:
        batch = db.batches.get(tx, batch_id)
        wanted = {one: batch.overlap + n for one, n in db.batches.extras(tx, batch_id)}
        judges = db.batches.judges(tx, batch_id)
    if batch.state == db.batches.CLOSED:
        return 0
    names = {number: one.annotator for number, one in people.items() if one.annotator}
    changes = {}
    for task in tasks:
        segment_id = str(task["data"].get("segment"))
        if segment_id in wanted:
            asked = _asked(task, wanted[segment_id], judges.get(segment_id, set()), names)
            if any(task.get(name) != value for name, value in asked.items()):
                changes[int(task["id"])] = asked
    for task_id, asked in changes.items():
        bridge.server.change_task(task_id, asked)
    return len(changes)


def _asked(task: Json, wanted: int, judges: set[str], names: dict[int, str]) -> dict[str, Any]:
    """How many people a task is for, and whether they have all been there."""
    there = {
        author["id"] if isinstance(author := one.get("completed_by"), dict) else author
        for one in task.get("annotations") or ()
        if not one.get("was_cancelled")
    }
    left = wanted - len(judges - {names.get(one) for one in there})
    # Label Studio looks whether a task is done only when it is annotated.
    return {"overlap": max(left, 1), "is_labeled": len(there) >= left}

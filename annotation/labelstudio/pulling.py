"""Annotations from Label Studio as judgements; pulled again, nothing is stored twice.

An annotation is known by its number. Edited there, the judgement it was is taken back and another
one is stored beside it; deleted there, it is taken back. A task or project that was deleted takes
nothing back: what was said about a clip was said.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import db.audit
import db.batches
import db.judgements
import db.labelstudio
import db.leases
from annotation.desk.judging import complete_if_judged, look_for_dispute
from annotation.labelstudio import bridge as bridges
from annotation.labelstudio import opinions
from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.people import Names, Person
from annotation.labelstudio.server import Json
from annotation.labelstudio.wording import SOURCE, UnreadableError, judgement
from db.desk_records import LabelStudioProject
from labels.judgements import Judgement
from rounds.workspace import Progress, silent

_AT_ONCE = 50
"""Tasks whose annotations are stored in one transaction."""
_Versions = dict[int, list[tuple[str, bool]]]
"""Annotation's number -> the judgements it was so far, in their order: (id, whether it stands)."""


@dataclass
class PullReport:
    """What a pull found. `n_changed` were edited there, `n_gone` deleted there, `n_skipped` of
    all were skipped by their authors; of `n_asked` tasks another number of judgements is asked
    for now; `waiting` counts annotations of people nobody knows."""

    n_annotations: int = 0
    n_new: int = 0
    n_known: int = 0
    n_changed: int = 0
    n_gone: int = 0
    n_skipped: int = 0
    n_asked: int = 0
    completed: bool = False
    waiting: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    """An annotation: of which task, on which segment, by whom."""

    annotation: Json
    task_id: int
    segment_id: str
    annotator: str

    @property
    def number(self) -> int:
        return int(self.annotation["id"])


def pull(
    bridge: Bridge, batch_id: str, *, by_email: bool = False, tell: Progress = silent
) -> PullReport:
    """Bring back what was annotated since. `by_email`: people whom nobody mapped go by their
    address; else their annotations wait. Raises RecordError for an unknown batch, GoneError for
    one that is not there, LabelStudioError where the server does not do its part."""
    with bridges.alone(bridge, batch_id):
        project, there = bridges.pushed(bridge, batch_id)
        names = Names(bridge, by_email=by_email).people
        report = PullReport()
        with bridge.desk.workspace.reading() as tx:
            segments = set(db.batches.segment_ids(tx, batch_id))
            versions = _versions(tx, project)
        listed: set[str] = set()
        tasks: list[Json] = []
        seen: set[int] = set()
        found: list[_Found] = []
        for nth, (task, total) in enumerate(bridge.server.tasks(int(there["id"])), start=1):
            tasks.append(task)
            found += _of_task(task, segments, names, report)
            listed.add(str(task["data"].get("segment")))
            seen |= {int(one["id"]) for one in task.get("annotations") or ()}
            if found and (nth % _AT_ONCE == 0 or nth == total):
                _store(bridge, project, found, versions, report)
                found = []
                bridges.hold_on(bridge, batch_id)
            tell("tasks from Label Studio", nth, total)
        if found:
            _store(bridge, project, found, versions, report)
        _take_back_deleted(bridge, project, listed, seen, report)
        if missing := len(segments - listed):
            report.problems.append(
                f"{missing} of the {len(segments)} clips have no task there (deleted, or not "
                f"pushed yet); what was said of them is kept. Bring them back: undertone "
                f"labelstudio push {batch_id}"
            )
        report.n_asked = opinions.ask(bridge, batch_id, tasks, names)
    report.completed = complete_if_judged(bridge.desk, batch_id)
    return report


def _of_task(
    task: Json, segments: set[str], names: dict[int, Person], report: PullReport
) -> list[_Found]:
    annotations = task.get("annotations") or ()
    segment_id = str(task["data"].get("segment"))
    if annotations and segment_id not in segments:
        report.problems.append(f"task {task['id']} shows no clip of this batch: left out")
        return []
    found = []
    for one in annotations:
        report.n_annotations += 1
        author = one.get("completed_by")
        number = author.get("id") if isinstance(author, dict) else author
        person = names.get(int(number)) if number is not None else None
        if person is None or person.annotator is None:
            unknown = f"user {number}" if number is not None else "nobody (a deleted user)"
            report.waiting[unknown if person is None else person.email] += 1
            continue
        found.append(_Found(one, int(task["id"]), segment_id, person.annotator))
    return found


def _store(
    bridge: Bridge, project: LabelStudioProject, found: Sequence[_Found], versions: _Versions,
    report: PullReport,
) -> None:  # fmt: skip
    """Store what some annotations say, in one transaction."""
    desk, batch_id = bridge.desk, project.batch_id
    changed: dict[str, None] = {}
    with desk.workspace.writing() as tx:
        db.leases.lock_items(tx, batch_id, sorted({one.segment_id for one in found}))
        for one in found:
            try:
                if _store_one(bridge, tx, project, one, versions[one.number], report):
                    changed[one.segment_id] = None
            except UnreadableError as error:
                report.problems.append(f"task {one.task_id}, annotation {one.number}: {error}")
        disputed = [one for one in changed if look_for_dispute(desk, tx, batch_id, one)]
    if disputed:
        desk.on_event("disputed", batch_id)


def _store_one(
    bridge: Bridge, tx: Any, project: LabelStudioProject, one: _Found,
    versions: list[tuple[str, bool]], report: PullReport,
) -> bool:  # fmt: skip
    """Store an annotation; whether that changed anything. `versions` are the judgements it was
    so far: (id, whether it stands)."""
    standing = next((identity for identity, stands in versions if stands), None)
    fresh = f"{_prefix(project)}{one.number}:{len(versions) + 1}"
    said = judgement(
        bridge.desk.workspace.scheme,
        # When it was first made, unless it was made again.
        one.annotation if versions else {**one.annotation, "updated_at": None},
        identity=standing or fresh,
        segment_id=one.segment_id,
        annotator=one.annotator,
        batch_id=project.batch_id,
        guideline_version=project.guideline_version,
    )
    report.n_skipped += bool(one.annotation.get("was_cancelled"))
    if standing is not None:
        if not db.judgements.add(tx, [said]).conflicts:
            report.n_known += 1
            return False
        db.judgements.withdraw(tx, standing, by=bridges.BY)
        _audit(tx, bridges.BY, "withdraw judgement", said)
        said = replace(said, id=fresh)
        report.n_changed += 1
        versions[:] = [(identity, False) for identity, _ in versions]
    else:
        report.n_new += 1
    db.judgements.add(tx, [said])
    versions.append((said.id, True))
    _audit(tx, one.annotator, "judge in label studio", said)
    return True


def _take_back_deleted(
    bridge: Bridge, project: LabelStudioProject, listed: set[str], seen: set[int],
    report: PullReport,
) -> None:  # fmt: skip
    """Take back what stands of annotations that are not there any more, though their task is."""
    desk, batch_id = bridge.desk, project.batch_id
    with desk.workspace.writing() as tx:
        for identity, (segment_id, stands) in db.labelstudio.versions(tx, batch_id, SOURCE).items():
            if not stands or not identity.startswith(_prefix(project)):
                continue
            if _number(project, identity) in seen or segment_id not in listed:
                continue
            db.judgements.withdraw(tx, identity, by=bridges.BY)
            detail = {"batch": batch_id, "segment": segment_id}
            action = "withdraw judgement"
            db.audit.note(tx, actor=bridges.BY, action=action, subject=identity, detail=detail)
            report.n_gone += 1
        if report.n_gone or report.n_changed:
            db.batches.reopen_batch(tx, batch_id)


def _versions(tx: Any, project: LabelStudioProject) -> _Versions:
    found: _Versions = defaultdict(list)
    for identity, (_, stands) in db.labelstudio.versions(tx, project.batch_id, SOURCE).items():
        if identity.startswith(_prefix(project)):
            found[_number(project, identity)].append((identity, stands))
    return found


def _prefix(project: LabelStudioProject) -> str:
    return f"labelstudio:{project.id}:"


def _number(project: LabelStudioProject, identity: str) -> int:
    return int(identity.removeprefix(_prefix(project)).partition(":")[0])


def _audit(tx: Any, actor: str, action: str, said: Judgement) -> None:
    detail = {"batch": said.batch_id, "segment": said.segment_id}
    db.audit.note(tx, actor=actor, action=action, subject=said.id, detail=detail)

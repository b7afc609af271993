"""A batch to Label Studio: a project, a task a segment, sounds that play there, predictions.

What is there already is left as it is, so a push may be repeated, and goes on where a killed one
was: the tasks themselves say which segments they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import db.audit
import db.batches
import db.guidelines
import db.labelstudio
from annotation.desk import guidelines, links, prediction, sound
from annotation.desk.errors import NotFoundError
from annotation.labelstudio import bridge as bridges
from annotation.labelstudio import labelling, opinions, wording
from annotation.labelstudio.bridge import Bridge
from annotation.labelstudio.people import Names
from annotation.labelstudio.server import Json, LabelStudioError
from db.desk_records import LabelStudioProject
from db.records import Batch
from rounds.workspace import Progress, silent

_AT_ONCE = 20
"""Tasks made in a call: a killed push repeats so many sounds at most."""
FOR = "label-studio"
"""Whom links to sounds name as the one they were made for."""


@dataclass
class PushReport:
    """What a push did. `n_there` tasks were there before, of `n_asked` another number of judgements
    is asked for now; `problems` name clips left out."""

    project_id: int = 0
    url: str = ""
    made_project: bool = False
    n_new: int = 0
    n_there: int = 0
    n_predictions: int = 0
    n_renewed: int = 0
    n_asked: int = 0
    problems: list[str] = field(default_factory=list)


def push(
    bridge: Bridge,
    batch_id: str,
    *,
    predictions: bool = False,
    anew: bool = False,
    tell: Progress = silent,
) -> PushReport:
    """Show a batch in Label Studio; what is there already stays as it is.

    `predictions`: also what the model of the batch's round thinks, where it scored the clips.
    `anew`: a new project, where the one that was is gone. Raises RecordError for an unknown
    batch, LabelStudioError where the server does not do its part.
    """
    with bridges.alone(bridge, batch_id):
        if anew:
            _leave(bridge, batch_id)
        project = bridges.begun(bridge, batch_id)
        there = bridges.found(bridge, project)
        report = PushReport(made_project=there is None)
        number = _project(bridge, project, there, predictions)
        report.project_id = number
        report.url = f"{bridge.server.url}/projects/{number}/data"
        _tasks(bridge, batch_id, number, predictions, report, tell)
        tasks = [task for task, _ in bridge.server.tasks(number)]
        report.n_asked = opinions.ask(bridge, batch_id, tasks, Names(bridge).people)
    return report


def _leave(bridge: Bridge, batch_id: str) -> None:
    """Have nothing to do any more with the project that shows a batch, if there is one."""
    with bridge.desk.workspace.writing() as tx:
        known = db.labelstudio.project_of(tx, batch_id)
        if known is not None:
            db.labelstudio.change(tx, known.id, ended_at=bridge.desk.now())


def _project(
    bridge: Bridge, project: LabelStudioProject, there: Json | None, predictions: bool
) -> int:
    """Make the project, or bring it up to date; its number."""
    desk = bridge.desk
    with desk.workspace.reading() as tx:
        batch = db.batches.get(tx, project.batch_id)
        version = db.guidelines.current_version(tx)
    wanted = _wanted(bridge, batch, project, predictions)
    if there is None:
        number = bridge.server.create_project(
            {
                "title": f"Undertone {batch.id}"[:50],
                "description": f"{batch.n_items} clips of {batch.id}. {bridges.mark_of(project)}",
                "sampling": "Uniform sampling",  # an order of their own for everybody
                **wanted,
            }
        )
    else:
        number = int(there["id"])
        other = {name: value for name, value in wanted.items() if there.get(name) != value}
        if other:
            _change(bridge, number, other)
    with desk.workspace.writing() as tx:
        kept = None if version is None else str(version)
        where = {"project_id": number, "url": bridge.server.url}
        db.labelstudio.change(tx, project.id, guideline_version=kept, **where)
        detail = {"project": number, "url": bridge.server.url, "predictions": predictions}
        action = "push to label studio"
        db.audit.note(tx, actor=bridges.BY, action=action, subject=batch.id, detail=detail)
    return number


def _wanted(
    bridge: Bridge, batch: Batch, project: LabelStudioProject, predictions: bool
) -> dict[str, Any]:
    read = guidelines.read(bridge.desk)
    wanted: dict[str, Any] = {
        "label_config": labelling.configuration(bridge.desk.workspace.scheme),
        "maximum_annotations": batch.overlap,
        "expert_instruction": "" if read is None else guidelines.as_html(read.guideline.text),
        "show_instruction": read is not None,
    }
    if predictions:
        wanted["show_collab_predictions"] = True
        wanted["model_version"] = prediction.version(bridge.desk, batch.id) or ""
    elif project.project_id is None:
        wanted["show_collab_predictions"] = False  # judged blind, as at the desk
    return wanted


def _change(bridge: Bridge, number: int, values: Mapping[str, Any]) -> None:
    try:
        bridge.server.change_project(number, values)
    except LabelStudioError as error:
        if "label_config" not in values:
            raise
        raise LabelStudioError(
            f"project {number} cannot have the labelling interface of the scheme as it is now: "
            f"annotations there use what the scheme no longer has ({error})"
        ) from error


def _tasks(
    bridge: Bridge, batch_id: str, number: int, predictions: bool, report: PushReport,
    tell: Progress,
) -> None:  # fmt: skip
    with bridge.desk.workspace.reading() as tx:
        batch = db.batches.get(tx, batch_id)
        segments = [item.segment_id for item in db.batches.items(tx, batch_id)]
    there = {str(task["data"].get("segment")): task for task, _ in bridge.server.tasks(number)}
    missing = [one for one in segments if one not in there]
    report.n_there = len(segments) - len(missing)
    thought = prediction.opinions(bridge.desk, batch_id, segments) if predictions else {}
    if predictions and not thought:
        report.problems.append(f"no model has scored the clips of {batch_id}: no predictions")
    known = bridge.server.uploads(number) if bridge.sounds == "upload" and missing else {}
    for at in range(0, len(missing), _AT_ONCE):
        some = missing[at : at + _AT_ONCE]
        tell("clips to Label Studio", at, len(missing))
        sounds = _sounds(bridge, number, some, known, report)
        made = [_task(bridge, batch, one, sounds[one], thought) for one in some if one in sounds]
        if made:
            bridge.server.import_tasks(number, made)
        report.n_new += len(made)
        report.n_predictions += sum(bool(one.get("predictions")) for one in made)
        bridges.hold_on(bridge, batch_id)
    tell("clips to Label Studio", len(missing), len(missing))
    _freshen(bridge, batch, there, thought, report)


def _task(
    bridge: Bridge, batch: Batch, segment_id: str, audio: str, thought: Mapping[str, Any]
) -> Json:
    clip = sound.clip_of(bridge.desk, segment_id)
    # Neither why it was chosen nor who speaks: judges see the same as at the desk.
    data = {
        "audio": audio,
        "segment": segment_id,
        "batch": batch.id,
        labelling.WORDS: clip.transcript or "–",
    }
    task: Json = {"data": data}
    if segment_id in thought:
        task["predictions"] = [_prediction(bridge, batch, thought[segment_id])]
    return task


def _prediction(bridge: Bridge, batch: Batch, one: prediction.Opinion) -> Json:
    scheme = bridge.desk.workspace.scheme
    version = prediction.version(bridge.desk, batch.id) or ""
    return wording.prediction(scheme, one.proba, one.scales, version)


def _sounds(
    bridge: Bridge, number: int, segments: Sequence[str], known: dict[str, str], report: PushReport
) -> dict[str, str]:
    """Segment -> the address its sound is played from; those whose sound is gone are left out."""
    if bridge.sounds == "link":
        return {one: _link(bridge, one) for one in segments if _has_sound(bridge, one, report)}
    names = {f"{one}.wav": one for one in segments}
    files = {
        name: sound.wav(bridge.desk, one).read_bytes()
        for name, one in names.items()
        if name not in known and _has_sound(bridge, one, report)
    }
    if files:
        known |= bridge.server.upload(number, files, "audio/wav")
    return {one: known[name] for name, one in names.items() if name in known}


def _has_sound(bridge: Bridge, segment_id: str, report: PushReport) -> bool:
    try:
        sound.wav(bridge.desk, segment_id)
    except NotFoundError as error:
        report.problems.append(str(error))
        return False
    return True


def _link(bridge: Bridge, segment_id: str) -> str:
    path = links.link_for(bridge.desk, "audio", segment_id, FOR, bridge.link_s)
    return f"{bridge.desk_url}{path}"


def _freshen(
    bridge: Bridge, batch: Batch, there: Mapping[str, Json], thought: Mapping[str, Any],
    report: PushReport,
) -> None:  # fmt: skip
    """Bring tasks that were there up to date: links that end soon, predictions they lack."""
    for segment_id, task in there.items():
        if bridge.sounds == "link" and _ends_soon(bridge, str(task["data"].get("audio"))):
            data = {**task["data"], "audio": _link(bridge, segment_id)}
            bridge.server.change_task(int(task["id"]), {"data": data})
            report.n_renewed += 1
        has = {one.get("model_version") for one in task.get("predictions") or ()}
        if segment_id not in thought:
            continue
        given = _prediction(bridge, batch, thought[segment_id])
        if given["model_version"] not in has:
            bridge.server.add_prediction({**given, "task": int(task["id"])})
            report.n_predictions += 1


def _ends_soon(bridge: Bridge, address: str) -> bool:
    until = links.until(address)
    left_s = 0.0 if until is None else until - bridge.desk.now().timestamp()
    return left_s < bridge.link_s / 2 or not address.startswith(f"{bridge.desk_url}/")

"""What pushing and pulling work with, and which project is a batch's."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import db.batches
import db.labelstudio
import db.locks
from annotation.desk.desk import Desk
from annotation.labelstudio.server import GoneError, Json, LabelStudio, LabelStudioError
from db.desk_records import LabelStudioProject

BY = "label studio"
"""Who does in the log what comes from there."""
_LOCK_S = 300.0


@dataclass(frozen=True, eq=False)
class Bridge:
    """A desk and a Label Studio. `sounds` is "upload" or "link"; links lead to `desk_url` and are
    good for `link_s`."""

    desk: Desk
    server: LabelStudio
    sounds: str = "upload"
    desk_url: str | None = None
    link_s: float = 14 * 24 * 3600.0

    def __post_init__(self) -> None:
        if self.sounds == "link" and self.desk_url is None:
            raise LabelStudioError(
                "labelstudio_audio is link, but no desk_url says where browsers reach the desk"
            )


def mark_of(project: LabelStudioProject) -> str:
    """What stands in a project's description, so that it is found again."""
    return f"undertone:{project.id}"


def begun(bridge: Bridge, batch_id: str) -> LabelStudioProject:
    """The project of a batch as the records have it; put there before the project is made, so
    that a push that is killed in between finds what it made. Raises RecordError."""
    desk = bridge.desk
    with desk.workspace.writing() as tx:
        db.batches.get(tx, batch_id)
        known = db.labelstudio.project_of(tx, batch_id)
        if known is not None:
            return known
        made = LabelStudioProject(secrets.token_hex(8), batch_id, bridge.server.url, desk.now())
        db.labelstudio.add(tx, made)
        return made


def found(bridge: Bridge, project: LabelStudioProject) -> Json | None:
    """The project itself: by its number, else by its mark; None where it was never made.

    Its number and address are kept in the records. Raises GoneError where it was deleted there.
    """
    server = bridge.server
    if project.project_id is not None and project.url == server.url:
        try:
            return server.project(project.project_id)
        except GoneError:
            raise GoneError(
                f"project {project.project_id} of {project.batch_id} was deleted at {server.url}; "
                "what was pulled is kept. Make a new one: undertone labelstudio push "
                f"{project.batch_id} --anew"
            ) from None
    there = server.find_project(mark_of(project))
    if there is not None:
        keep(bridge, project, int(there["id"]))
        return server.project(int(there["id"]))
    if project.project_id is not None:
        raise GoneError(
            f"{project.batch_id} was pushed to {project.url} and is not at {server.url}. Make a "
            f"new project there: undertone labelstudio push {project.batch_id} --anew"
        )
    return None


def keep(bridge: Bridge, project: LabelStudioProject, number: int) -> None:
    """Keep where a project is."""
    with bridge.desk.workspace.writing() as tx:
        db.labelstudio.change(tx, project.id, project_id=number, url=bridge.server.url)


def pushed(bridge: Bridge, batch_id: str) -> tuple[LabelStudioProject, Json]:
    """The project of a batch that was pushed. Raises RecordError for an unknown batch, GoneError
    for one that was not pushed, or deleted there."""
    with bridge.desk.workspace.reading() as tx:
        db.batches.get(tx, batch_id)
        project = db.labelstudio.project_of(tx, batch_id)
    there = None if project is None else found(bridge, project)
    if project is None or there is None:
        raise GoneError(
            f"{batch_id} is not in Label Studio yet: undertone labelstudio push {batch_id}"
        )
    return project, there


@contextmanager
def alone(bridge: Bridge, batch_id: str) -> Iterator[None]:
    """Let nobody else push or pull a batch meanwhile. Raises LabelStudioError where somebody
    does; a process that is dead does not."""
    name, me = f"label studio {batch_id}", db.locks.holder()
    with bridge.desk.workspace.writing() as tx:
        if not db.locks.acquire(tx, name, me, _LOCK_S):
            raise LabelStudioError(f"{batch_id} is being pushed or pulled already: try again later")
    try:
        yield
    finally:
        with bridge.desk.workspace.writing() as tx:
            db.locks.release(tx, name, me)


def hold_on(bridge: Bridge, batch_id: str) -> None:
    """Go on keeping others out, for another while."""
    with bridge.desk.workspace.writing() as tx:
        db.locks.renew(tx, f"label studio {batch_id}", db.locks.holder(), _LOCK_S)

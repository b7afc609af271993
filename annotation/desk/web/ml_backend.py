"""The desk as an ML backend of Label Studio: `/health` (with the sign-in pages), `/setup`,
`/predict` and `/webhook`.

Label Studio signs in by HTTP Basic: a name, and as the password an API token of an account here.
Source: label-studio-ml 2.0 and ml/api_connector.py of Label Studio 1.23.
"""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

import db.labelstudio
from annotation.desk import giving, prediction
from annotation.desk.desk import Desk
from annotation.desk.errors import NotFoundError
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.problems import documented
from annotation.labelstudio import wording
from db.desk_records import Account

router = APIRouter(tags=["Label Studio"], responses=documented())

_NAME = "undertone"


class Told(BaseModel):
    """What Label Studio sends; what more it says is passed over, its own token for one."""

    model_config = ConfigDict(extra="ignore")


class SetupIn(Told):
    """A project is connected: "number.time", as Label Studio names it."""

    project: Annotated[str, Field(max_length=200)] = ""


class SetupOut(BaseModel):
    """Whose predictions these will be."""

    model_version: str


class TaskData(Told):
    """Which clip a task shows; a task of another's making may say anything, or nothing."""

    segment: Any = None
    batch: Any = None


class TaskIn(Told):
    """A task."""

    data: TaskData = TaskData()


class PredictIn(Told):
    """The tasks to say something of."""

    tasks: Annotated[list[TaskIn], Field(max_length=10_000)]


class PredictionOut(BaseModel):
    """What the model of a batch's round thinks of a clip."""

    model_version: str
    score: float
    result: list[dict[str, Any]]


class PredictOut(BaseModel):
    """For each task, in order, a prediction; an empty list where no model scored its clip."""

    results: list[PredictionOut | list[PredictionOut]]
    model_version: str


class WebhookIn(Told):
    """Something happened in a project."""

    action: Annotated[str, Field(max_length=100)] = ""
    project: Any = None


class WebhookOut(BaseModel):
    """Whether annotations will be fetched for it, and a job's name, of which there is none."""

    status: str
    job: str | None = None


@router.post("/setup")
def setup(desk: TheDesk, asked: SetupIn) -> SetupOut:
    """A project of Label Studio is connected."""
    number = asked.project.partition(".")[0]
    with desk.workspace.reading() as tx:
        batches = {
            str(one.project_id): one.batch_id
            for one in reversed(db.labelstudio.list_projects(tx))
            if one.project_id is not None
        }
    batch_id = batches.get(number)
    version = _NAME if batch_id is None else prediction.version(desk, batch_id) or _NAME
    return SetupOut(model_version=version)


@router.post("/predict")
def predict(desk: TheDesk, who: Who, asked: PredictIn) -> PredictOut:
    """What the models of their batches' rounds think of the clips of some tasks."""
    wanted: dict[str, list[str]] = {}
    for task in asked.tasks:
        if isinstance(task.data.batch, str) and isinstance(task.data.segment, str):
            wanted.setdefault(task.data.batch, []).append(task.data.segment)
    thought = {
        (batch_id, segment_id): one
        for batch_id, segments in wanted.items()
        for segment_id, one in _of_batch(desk, who, batch_id, segments).items()
    }
    results: list[PredictionOut | list[PredictionOut]] = [
        thought.get((str(task.data.batch), str(task.data.segment)), []) for task in asked.tasks
    ]
    versions = [one.model_version for one in thought.values()]
    return PredictOut(results=results, model_version=max(versions, default=_NAME))


@router.post("/webhook")
def webhook(desk: TheDesk, asked: WebhookIn) -> WebhookOut:
    """Something happened there: what was annotated is fetched from Label Studio itself, soon; of
    what is sent here nothing is believed but the project's number."""
    project = asked.project
    number = project.get("id") if isinstance(project, dict) else project
    known = isinstance(number, int) and not isinstance(number, bool)
    fetching = desk.on_annotated(number if known else None)
    return WebhookOut(status="fetching" if fetching else "ignored: no Label Studio is configured")


def _of_batch(
    desk: Desk, who: Account, batch_id: str, segments: list[str]
) -> dict[str, PredictionOut]:
    try:
        with desk.workspace.reading() as tx:
            giving.batch_for(tx, who, batch_id)
    except NotFoundError:
        return {}
    version = prediction.version(desk, batch_id) or _NAME
    found = prediction.opinions(desk, batch_id, segments)
    scheme = desk.workspace.scheme
    return {
        segment_id: PredictionOut(**wording.prediction(scheme, one.proba, one.scales, version))
        for segment_id, one in found.items()
    }

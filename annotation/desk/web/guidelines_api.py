"""Guidelines as JSON."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from annotation.desk import guidelines
from annotation.desk.guidelines import Guidelines
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.models import Asked, Name
from annotation.desk.web.problems import documented
from db.desk_records import GuidelineExample

router = APIRouter(prefix="/api", tags=["guidelines"], responses=documented())


class Example(Asked):
    """A clip that shows an emotion; `segment` is its id, path or file name."""

    emotion: Name
    segment: Name
    kind: Literal["typical", "borderline"] = "typical"
    remark: Annotated[str, Field(max_length=500)] = ""


class GuidelinesIn(Asked):
    """A new version. `base` is the one that was edited (0: none yet); without `examples` those
    before stay."""

    text: Annotated[str, Field(min_length=1, max_length=guidelines.MAX_TEXT)]
    remark: Annotated[str, Field(max_length=500)] = ""
    examples: Annotated[list[Example], Field(max_length=guidelines.MAX_EXAMPLES)] | None = None
    base: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class GuidelinesOut(BaseModel):
    """A version, in Markdown; version 0 is that nothing is written yet."""

    version: int
    text: str
    remark: str
    created_by: str
    created_at: datetime | None
    n_versions: int
    examples: list[Example]


@router.get("/guidelines", responses=documented(404))
def get_guidelines(
    desk: TheDesk, version: Annotated[int | None, Query(ge=1, lt=2**31)] = None
) -> GuidelinesOut:
    """The newest version, or another one."""
    return _out(guidelines.read(desk, version))


@router.post("/guidelines", status_code=201, responses=documented(409))
def write(desk: TheDesk, who: Who, asked: GuidelinesIn) -> GuidelinesOut:
    """Write a new version."""
    examples = None
    if asked.examples is not None:
        examples = [
            GuidelineExample(one.emotion, one.segment, one.kind, one.remark)
            for one in asked.examples
        ]
    version = guidelines.write(
        desk, who.name, asked.text, remark=asked.remark, examples=examples, base=asked.base
    )
    return _out(guidelines.read(desk, version))


def _out(found: Guidelines | None) -> GuidelinesOut:
    if found is None:
        return GuidelinesOut(
            version=0, text="", remark="", created_by="", created_at=None, n_versions=0,
            examples=[],
        )  # fmt: skip
    one = found.guideline
    return GuidelinesOut(
        version=one.version,
        text=one.text,
        remark=one.remark,
        created_by=one.created_by,
        created_at=one.created_at,
        n_versions=found.n_versions,
        examples=[
            Example(
                emotion=shown.emotion,
                segment=shown.segment_id,
                kind="typical" if shown.kind == "typical" else "borderline",
                remark=shown.remark,
            )
            for shown in found.examples
        ],
    )

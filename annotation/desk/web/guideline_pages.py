"""Guidelines: read by all, written by leads."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from annotation.desk import guidelines
from annotation.desk.desk import Desk
from annotation.desk.errors import DeskError
from annotation.desk.links import link
from annotation.desk.roles import LEADS
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render
from db.desk_records import Account, GuidelineExample

router = APIRouter(include_in_schema=False)

_EMPTY_ROWS = 3
_START = """## In general

Judge how the voice sounds, not what the words say. Take the first impression; listen again where
there is none.

## Borderline cases

"""


@router.get("/guidelines")
def page(
    request: Request,
    desk: TheDesk,
    who: Who,
    version: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> Response:
    """The newest version, or another one."""
    found = guidelines.read(desk, version)
    examples = [] if found is None else found.examples
    order = {name: nth for nth, name in enumerate(_names(desk))}
    shown = sorted(examples, key=lambda one: (one.kind != "typical", order.get(one.emotion, 99)))
    return render(
        request,
        "guidelines.html",
        found=found,
        text="" if found is None else guidelines.as_html(found.guideline.text),
        examples=[(one, link(desk, "audio", one.segment_id, who)) for one in shown],
        history=guidelines.history(desk),
        may_edit=who.role in LEADS,
    )


@router.get("/guidelines/edit")
def edit(request: Request, desk: TheDesk) -> Response:
    """The form for a new version."""
    found = guidelines.read(desk)
    examples = [] if found is None else list(found.examples)
    text = _START if found is None else found.guideline.text
    base = 0 if found is None else found.guideline.version
    return _form(request, desk, text=text, remark="", examples=examples, base=base)


@router.post("/guidelines")
async def write(request: Request, desk: TheDesk, who: Who) -> Response:
    """Store a new version; "preview" shows it first."""
    return await run_in_threadpool(_write, request, desk, who, await request.form())


def _write(request: Request, desk: Desk, who: Account, form: FormData) -> Response:
    columns = [
        [str(cell) for cell in form.getlist(name)]
        for name in ("emotion", "segment", "kind", "example_remark")
    ]
    examples = [
        GuidelineExample(emotion, segment.strip(), kind, remark)
        for emotion, segment, kind, remark in zip(*columns, strict=False)
        if segment.strip()
    ]
    text, remark = str(form.get("text", "")), str(form.get("remark", ""))
    told = str(form.get("base", "0"))
    base = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0
    again = {"text": text, "remark": remark, "examples": examples, "base": base}
    if "preview" in form:
        return _form(request, desk, preview=guidelines.as_html(text), **again)
    try:
        guidelines.write(desk, who.name, text, remark=remark, examples=examples, base=base)
    except DeskError as error:
        return _form(request, desk, error.status, problem=str(error), **again)
    return RedirectResponse("/guidelines", 303)


def _names(desk: Desk) -> list[str]:
    scheme = desk.workspace.scheme
    return [name for one in scheme.emotions for name in (one.name, *one.finer)]


def _form(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    text: str,
    remark: str,
    examples: list[GuidelineExample],
    base: int,
    preview: str = "",
    problem: str = "",
) -> Response:
    empty = [GuidelineExample("", "", "typical", "")] * _EMPTY_ROWS
    return render(
        request,
        "guidelines_edit.html",
        status,
        text=text,
        remark=remark,
        rows=[*examples, *empty],
        emotions=_names(desk),
        base=base,
        preview=preview,
        problem=problem,
    )

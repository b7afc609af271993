"""The page where one listens and judges."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from annotation.desk import calibration_due
from annotation.desk.progress import batch_of
from annotation.desk.sound import warm_up
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render
from annotation.desk.web.scheme_form import emotions, scales

router = APIRouter(include_in_schema=False)

_SHORT = 11
"""Letters of an emotion's name that fit three in a row."""


@router.get("/judge/{batch_id}")
def judge(request: Request, desk: TheDesk, who: Who, batch_id: str) -> Response:
    """The page; clips come through the API."""
    warm_up()
    if calibration_due.is_due(desk, who):
        return RedirectResponse("/calibration", 303)
    view = batch_of(desk, who, batch_id)
    scheme = desk.workspace.scheme
    return render(
        request,
        "judge.html",
        view=view,
        emotions=emotions(scheme),
        scales=scales(scheme),
        long_names=any(len(one.name) > _SHORT for one in scheme.emotions),
        n_held=desk.rules.n_held,
    )

"""The first page: what there is to judge."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from annotation.desk.progress import batches_of
from annotation.desk.roles import JUDGES
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request, desk: TheDesk, who: Who) -> Response:
    """The batches that the account may see."""
    views = batches_of(desk, who)
    return render(request, "home.html", views=views, may_judge=who.role in JUDGES)

"""The log: who did what, when. It is only ever added to."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

import db.audit
from annotation.desk.web.guard import TheDesk
from annotation.desk.web.rendering import render

router = APIRouter(include_in_schema=False)

_ROWS = 100


@router.get("/log")
def log(
    request: Request,
    desk: TheDesk,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    actor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """A page of it, the newest first."""
    with desk.workspace.reading() as tx:
        rows = db.audit.page(tx, limit=_ROWS + 1, before=before, actor=actor or None)
    older = rows[_ROWS - 1][0] if len(rows) > _ROWS else None
    return render(request, "log.html", rows=rows[:_ROWS], older=older, actor=actor)

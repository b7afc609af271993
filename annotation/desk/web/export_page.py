"""Everything as a file, with one click."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.review_api import Form, Only, get_export

router = APIRouter(include_in_schema=False)


@router.get("/export")
def download(desk: TheDesk, who: Who, form: Form = "csv", batch: Only = None) -> FileResponse:
    """Tables in a zip, of one batch or of all."""
    return get_export(desk, who, form, batch or None)

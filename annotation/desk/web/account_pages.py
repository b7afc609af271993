"""One's own account: password and API tokens."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

import db.sessions
from annotation.desk import people, signing_in
from annotation.desk.desk import Desk
from annotation.desk.errors import DeskError
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render
from db.desk_records import Account

router = APIRouter(include_in_schema=False)


@router.get("/account")
def account_page(request: Request, desk: TheDesk, who: Who) -> Response:
    """The page."""
    return _page(request, desk, who)


@router.post("/account/password")
def change_password(
    request: Request,
    desk: TheDesk,
    who: Who,
    old: Annotated[str, Form(max_length=500)] = "",
    new: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Change the password; one signs in again with the new one."""
    try:
        people.set_password(desk, who, old, new)
    except DeskError as error:
        return _page(request, desk, who, status=error.status, problem=str(error))
    return RedirectResponse("/login", 303)


@router.post("/account/tokens")
def make_token(
    request: Request,
    desk: TheDesk,
    who: Who,
    label: Annotated[str, Form(max_length=500)] = "",
    days: Annotated[int, Form(ge=1, le=3650)] = 90,
) -> Response:
    """Make a token for the API; its secret is shown once, here."""
    try:
        _, secret = signing_in.new_token(desk, who, label, days)
    except DeskError as error:
        return _page(request, desk, who, status=error.status, problem=str(error))
    return _page(request, desk, who, secret=secret)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(desk: TheDesk, who: Who, token_id: str) -> Response:
    """Revoke a token."""
    signing_in.revoke_token(desk, who, token_id)
    return RedirectResponse("/account", 303)


def _page(
    request: Request,
    desk: Desk,
    who: Account,
    *,
    status: int = 200,
    problem: str = "",
    secret: str = "",
) -> Response:
    with desk.workspace.reading() as tx:
        tokens = db.sessions.list_tokens(tx, who.id)
    return render(request, "account.html", status, tokens=tokens, problem=problem, secret=secret)

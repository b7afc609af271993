"""Who works at the desk, and who is invited."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

import db.accounts
import db.batches
import db.grants
from annotation.desk import people
from annotation.desk.desk import Desk
from annotation.desk.errors import DeskError, ForbiddenError
from annotation.desk.roles import ROLES, may_invite
from annotation.desk.web.guard import TheDesk, Who
from annotation.desk.web.rendering import render
from db.desk_records import Account

router = APIRouter(include_in_schema=False)

Words = Annotated[str, Form(max_length=500)]


@router.get("/people")
def people_page(request: Request, desk: TheDesk, who: Who) -> Response:
    """The page."""
    return _page(request, desk, who)


@router.post("/people/invitations")
def invite(
    request: Request,
    desk: TheDesk,
    who: Who,
    role: Words = "",
    name: Words = "",
    batches: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Invite somebody; the link is shown once, here."""
    check_invited(who, role)
    try:
        _, token = people.invite(
            desk,
            who.name,
            role,
            name=name.strip() or None,
            all_batches="*" in batches,
            batches=[one for one in batches if one != "*"],
        )
    except DeskError as error:
        return _page(request, desk, who, status=error.status, problem=str(error))
    return _page(request, desk, who, link=f"{str(request.base_url).rstrip('/')}/invitation/{token}")


@router.post("/people/invitations/{invitation_id}/end")
def end_invitation(desk: TheDesk, who: Who, invitation_id: str) -> Response:
    """Take an invitation back."""
    people.end_invitation(desk, who.name, invitation_id)
    return RedirectResponse("/people", 303)


@router.post("/people/{name}/revoke")
def revoke(desk: TheDesk, who: Who, name: str) -> Response:
    """End an account."""
    people.revoke(desk, who.name, name)
    return RedirectResponse("/people", 303)


@router.post("/people/{name}/restore")
def restore(desk: TheDesk, who: Who, name: str) -> Response:
    """Let an account in again."""
    people.restore(desk, who.name, name)
    return RedirectResponse("/people", 303)


@router.post("/people/{name}/role")
def set_role(desk: TheDesk, who: Who, name: str, role: Words = "") -> Response:
    """Give an account another role."""
    people.set_role(desk, who.name, name, role)
    return RedirectResponse("/people", 303)


@router.post("/people/{name}/batches")
def set_batches(
    desk: TheDesk,
    who: Who,
    name: str,
    batches: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:
    """Say which batches an account may see: "*" is all, also those to come."""
    people.set_batches(desk, who.name, name, batches)
    return RedirectResponse("/people", 303)


def check_invited(who: Account, role: str) -> None:
    """Raises ForbiddenError where somebody invites above their own rights."""
    if role in ROLES and not may_invite(who.role, role):
        raise ForbiddenError(f"a {who.role} cannot invite a {role}")


def _page(
    request: Request,
    desk: Desk,
    who: Account,
    *,
    status: int = 200,
    problem: str = "",
    link: str = "",
) -> Response:
    with desk.workspace.reading() as tx:
        accounts = db.accounts.list_accounts(tx)
        batches = db.batches.list_batches(tx)
        given = {one.id: db.grants.grants_of(tx, one.id) for one in accounts}
        invited = [
            one
            for one in db.accounts.list_invitations(tx)
            if one.used_at is None and one.expires_at > desk.now()
        ]
    return render(
        request,
        "people.html",
        status,
        accounts=accounts,
        invitations=invited,
        batches=[one.id for one in reversed(batches)],
        given=given,
        roles=[role for role in ROLES if may_invite(who.role, role)],
        all_roles=ROLES,
        is_admin=who.role == "admin",
        problem=problem,
        link=link,
    )

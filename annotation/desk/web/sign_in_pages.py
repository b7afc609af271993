"""Signing in and out, and following an invitation."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from annotation.desk import people, signing_in
from annotation.desk.errors import DeskError, NotFoundError
from annotation.desk.web.guard import COOKIE, TheDesk, Who, address_of
from annotation.desk.web.rendering import render

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form(max_length=500)]


@router.get("/health")
def health() -> dict[str, str]:
    """That the desk is up."""
    return {"status": "UP"}


@router.get("/login")
def login_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - the address says so
    """The form."""
    if request.state.account is not None:
        return RedirectResponse("/", 303)
    return render(request, "login.html", next=_inside(next), name="", problem="")


@router.post("/login")
def login(
    request: Request,
    desk: TheDesk,
    name: Text = "",
    password: Text = "",
    next: Text = "/",  # noqa: A002
) -> Response:
    """Sign in; back to the page that was asked for."""
    try:
        _, secret = signing_in.sign_in(desk, name, password, address_of(request))
    except DeskError as error:
        return render(
            request, "login.html", error.status, next=_inside(next), name=name, problem=str(error)
        )
    return _let_in(request, desk.rules.session_s, secret, _inside(next))


@router.post("/logout")
def logout(request: Request, desk: TheDesk, who: Who) -> Response:
    """Sign out."""
    signing_in.sign_out(desk, who, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/invitation/{token}")
def invitation_page(request: Request, desk: TheDesk, token: str) -> Response:
    """The form of an invitation."""
    one = people.invitation(desk, token)
    return render(request, "invitation.html", one=one, name=one.name or "", problem="")


@router.post("/invitation/{token}")
def accept(
    request: Request, desk: TheDesk, token: str, name: Text = "", password: Text = ""
) -> Response:
    """Become an account, and be signed in."""
    try:
        account = people.accept(desk, token, name, password)
    except NotFoundError:
        raise
    except DeskError as error:
        one = people.invitation(desk, token)
        return render(
            request,
            "invitation.html",
            error.status,
            one=one,
            name=one.name or name,
            problem=str(error),
        )
    secret = signing_in.begin_session(desk, account, address_of(request))
    return _let_in(request, desk.rules.session_s, secret, "/")


def _let_in(request: Request, session_s: float, secret: str, where: str) -> Response:
    answer = RedirectResponse(where, 303)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(session_s),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def _inside(address: str) -> str:
    """An address on this site, whatever was asked for."""
    parts = urlsplit(address)
    is_inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_inside and not parts.netloc and not parts.scheme else "/"

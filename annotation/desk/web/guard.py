"""Every request passes here: who asks, may they, and is it really they who ask."""

import base64
import hashlib
import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from annotation.desk import signing_in
from annotation.desk.desk import Desk
from annotation.desk.errors import ForbiddenError, NotSignedInError
from annotation.desk.roles import ACCESS
from db.desk_records import Account

COOKIE = "undertone_session"
BASIC = ("/setup", "/predict", "/webhook")
"""Where an API token may come as the password of HTTP Basic: Label Studio has no other way. Not
elsewhere: a browser would send it along by itself."""
_SAFE = ("GET", "HEAD", "OPTIONS")


def desk_of(request: Request) -> Desk:
    """The desk that this app serves."""
    desk: Desk = request.app.state.desk
    return desk


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else "unknown"


async def guard(request: Request) -> None:
    """Let a request through, or raise NotSignedInError or ForbiddenError.

    Leaves `account` (None: nobody) and `csrf` in the request's state.
    """
    method, path = request.method, request.scope["route"].path
    allowed = ACCESS.get(("GET" if method == "HEAD" else method, path), frozenset())
    account, by_cookie = await _who(request)
    request.state.account = account
    request.state.csrf = csrf_token(request) if by_cookie else ""
    if method not in _SAFE and not _bearer(request):
        _check_origin(request)
        if by_cookie and path not in ("/login",):
            await _check_csrf(request)
    role = account.role if account else "nobody"
    if role in allowed:
        return
    if account is None:
        raise NotSignedInError("sign in first")
    raise ForbiddenError(f"this is not for the role {role}")


async def _who(request: Request) -> tuple[Account | None, bool]:
    """(who asks, whether a cookie says so)."""
    desk = desk_of(request)
    secret = _bearer(request)
    if secret:
        account = await run_in_threadpool(signing_in.of_token, desk, secret)
        if account is None:
            request.state.forged = True
            raise NotSignedInError("the token is not known, was revoked, or is over")
        return account, False
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None, False
    account = await run_in_threadpool(signing_in.of_session, desk, cookie)
    return account, account is not None


def _bearer(request: Request) -> str:
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic" and request.url.path in BASIC:
        return _password(secret)
    return secret.strip() if kind.lower() in ("bearer", "token") else ""


def _password(basic: str) -> str:
    """The password of HTTP Basic; the name before it may be any. What is none is "-", no token."""
    try:
        return base64.b64decode(basic.strip(), validate=True).decode().partition(":")[2] or "-"
    except ValueError:
        return "-"


def csrf_token(request: Request) -> str:
    """What a form or script of this session has to send back."""
    cookie = request.cookies.get(COOKIE, "")
    said = f"csrf\x1f{cookie}".encode(errors="replace")
    return hmac.new(desk_of(request).secret, said, hashlib.sha256).hexdigest()


async def _check_csrf(request: Request) -> None:
    sent = request.headers.get("x-csrf-token")
    if sent is None and "form" in request.headers.get("content-type", ""):
        sent = str((await request.form()).get("csrf", ""))
    if not hmac.compare_digest((sent or "").encode(), csrf_token(request).encode()):
        raise ForbiddenError("this form is not from a page of this session: reload the page")


def _check_origin(request: Request) -> None:
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForbiddenError("this came from a page of another site")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise ForbiddenError("this came from a page of another site")


def _signed_in(request: Request) -> Account:
    account: Account | None = request.state.account
    if account is None:  # pragma: no cover - the table lets nobody else through
        raise NotSignedInError("sign in first")
    return account


Who = Annotated[Account, Depends(_signed_in)]
"""A route's parameter: the account that asks."""
TheDesk = Annotated[Desk, Depends(desk_of)]
"""A route's parameter: the desk."""

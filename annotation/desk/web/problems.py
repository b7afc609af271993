"""Errors as answers: JSON for programs, a page for people; refusals go to the log."""

import logging
from typing import Any
from urllib.parse import quote, unquote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

import db.audit
from annotation.desk.errors import (
    DeskError,
    ForbiddenError,
    HiddenError,
    NotSignedInError,
    TooManyTriesError,
)
from annotation.desk.web.guard import BASIC, address_of, desk_of
from annotation.desk.web.rendering import render
from db.column_types import keepable
from db.errors import DatabaseError, RecordError
from labels.scheme import SchemeError

_LOG = logging.getLogger("undertone.desk")


class ProblemDetail(BaseModel):
    """What went wrong: `code` for programs, `message` for people."""

    code: str
    message: str


class Problem(BaseModel):
    """The answer to what cannot be done."""

    error: ProblemDetail


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses, for a route's `responses`; 401, 403 and 422 every route has."""
    words = {
        401: "Nobody is signed in, or the token is not good.",
        403: "Not for this role, or the clips open are too many.",
        404: "There is no such thing, or none that you may see.",
        409: "It was done before, otherwise; what was stored first stands.",
        422: "The question does not make sense; the message says why.",
        503: "The database does not answer; try again.",
    }
    return {
        status: {"model": Problem, "description": words[status]}
        for status in (401, 403, 422, 503, *statuses)
    }


def install(app: FastAPI) -> None:
    """Have an app answer errors this way."""
    app.add_exception_handler(DeskError, _desk)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for kind in (RecordError, SchemeError):
        app.add_exception_handler(kind, _records)
    app.add_exception_handler(DatabaseError, _database)
    app.add_exception_handler(Exception, _unexpected)


async def answer(request: Request, status: int, code: str, message: str) -> Response:
    """An error as JSON, or as a page where a person asks for one."""
    message = " ".join(message.split())
    if not _is_person(request):
        body = {"error": {"code": code, "message": message}}
        return JSONResponse(body, status, headers={"Cache-Control": "no-store"})
    if status == 401 and request.method == "GET":
        return RedirectResponse(f"/login?next={quote(_back_to(request))}", 303)
    return render(request, "error.html", status=status, message=message, title="That did not work")


_PROGRAMS = ("/api/", "/audio/", "/picture/", "/health", *BASIC)
"""Where programs ask, and are answered in JSON."""


def _is_person(request: Request) -> bool:
    path = request.url.path
    return not path.startswith(_PROGRAMS)


def _back_to(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


async def _desk(request: Request, error: Exception) -> Response:
    assert isinstance(error, DeskError)
    forged = getattr(request.state, "forged", False)
    if isinstance(error, ForbiddenError | HiddenError | TooManyTriesError) or forged:
        await _log_refusal(request, str(error))
    shown = await answer(request, error.status, error.code, str(error))
    if isinstance(error, NotSignedInError) and not _is_person(request):
        shown.headers["WWW-Authenticate"] = "Bearer"
    return shown


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return await answer(request, 422, "invalid", f"{where}: {first['msg']}")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if ".." in unquote(unquote(request.scope.get("raw_path", b"").decode("latin-1"))):
        await _log_refusal(request, "a path that leads out of its folder")
    codes = {404: "not_found", 405: "not_allowed", 400: "invalid"}
    said = {404: "there is nothing at this address", 405: "this cannot be done at this address"}
    message = said.get(error.status_code, str(error.detail))
    shown = await answer(request, error.status_code, codes.get(error.status_code, "error"), message)
    for name, value in (error.headers or {}).items():
        shown.headers[name] = value
    return shown


async def _records(request: Request, error: Exception) -> Response:
    return await answer(request, 422, "invalid", str(error))


async def _database(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    message = "the records cannot be reached just now; nothing that was stored is lost: try again"
    return await answer(request, 503, "unavailable", message)


async def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return await answer(request, 500, "unexpected", "something went wrong here; it is in the log")


async def _log_refusal(request: Request, why: str) -> None:
    account = getattr(request.state, "account", None)
    detail = {"why": why, "method": request.method, "address": address_of(request)}

    def write() -> None:
        with desk_of(request).workspace.writing() as tx:
            db.audit.note(
                tx,
                actor=account.name if account else "nobody",
                action="refuse",
                subject=keepable(request.url.path[:200]),
                detail=detail,
            )

    await run_in_threadpool(write)

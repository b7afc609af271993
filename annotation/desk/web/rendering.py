"""Pages from templates; whatever is put into them is text, never markup."""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from fastapi import Request
from fastapi.responses import HTMLResponse

from annotation.desk.roles import ACCESS

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_NAVIGATION = (
    ("/", "Batches"),
    ("/guidelines", "Guidelines"),
    ("/calibration", "Calibration"),
    ("/review", "Review"),
    ("/disputes", "Disputes"),
    ("/people", "People"),
    ("/webhooks", "Webhooks"),
    ("/log", "Log"),
    ("/account", "Account"),
)
"""Pages that everybody finds, as far as their role goes: (path, name)."""


def _when(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _day(moment: datetime | None) -> str:
    return "–" if moment is None else f"{moment:%Y-%m-%d}"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["when"] = _when
    environment.filters["day"] = _day
    environment.globals["static"] = static_url
    return environment


@cache
def static_url(name: str) -> str:
    """The address of a static file; another one when its content is."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:10]}"


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. Every template also has `account`, `csrf`, `path` and `navigation`."""
    account = getattr(request.state, "account", None)
    role = account.role if account else "nobody"
    known = {
        "account": account,
        "csrf": getattr(request.state, "csrf", ""),
        "path": request.url.path,
        "navigation": [
            (path, name) for path, name in _NAVIGATION if role in ACCESS.get(("GET", path), ())
        ],
        "status": status,
    }
    page = _environment().get_template(template).render({**known, **values})
    return HTMLResponse(page, status)

"""The API's own description: as OpenAPI, and as a page without anything from other hosts."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from annotation.desk.roles import ACCESS
from annotation.desk.web.rendering import render

router = APIRouter(include_in_schema=False)


def described(request: Request) -> dict[str, Any]:
    """The OpenAPI document."""
    app = request.app
    if app.openapi_schema is None:
        document = app.openapi()
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["token"] = {"type": "http", "scheme": "bearer"}
        document["security"] = [{"token": []}]
        app.openapi_schema = document
    document = app.openapi_schema
    return dict(document)


@router.get("/api/openapi.json")
async def openapi(request: Request) -> Response:
    """The document."""
    return JSONResponse(described(request))


@router.get("/api/docs")
async def docs(request: Request) -> Response:
    """The document as a page."""
    document = described(request)
    calls = [
        (method.upper(), path, about, sorted(ACCESS[method.upper(), path]))
        for path, methods in document["paths"].items()
        for method, about in methods.items()
    ]
    schemas = document["components"]["schemas"]
    return render(request, "docs.html", calls=calls, schemas=schemas, document=document)

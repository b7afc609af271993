"""The desk as an app."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from annotation.desk.desk import Desk
from annotation.desk.web import (
    account_pages,
    batch_api,
    calibration_api,
    calibration_pages,
    dispute_pages,
    export_page,
    guideline_pages,
    guidelines_api,
    home_page,
    judging_api,
    judging_page,
    log_pages,
    ml_backend,
    openapi_pages,
    people_api,
    people_pages,
    problems,
    review_api,
    review_pages,
    sign_in_pages,
    sounds,
    webhook_api,
    webhook_pages,
)
from annotation.desk.web.guard import guard
from annotation.desk.web.headers import SafetyHeaders
from annotation.desk.web.lanes import Lanes
from annotation.desk.web.rendering import STATIC

ROUTERS = (
    sign_in_pages.router,
    home_page.router,
    judging_page.router,
    account_pages.router,
    people_pages.router,
    log_pages.router,
    guideline_pages.router,
    calibration_pages.router,
    review_pages.router,
    webhook_pages.router,
    dispute_pages.router,
    export_page.router,
    sounds.router,
    batch_api.router,
    judging_api.router,
    people_api.router,
    review_api.router,
    guidelines_api.router,
    calibration_api.router,
    webhook_api.router,
    ml_backend.router,
    openapi_pages.router,
)
_THREADS = 10
"""No more than the database's pool has connections."""


def create_app(desk: Desk) -> FastAPI:
    """The desk's pages and API over a desk."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = _THREADS
        app.state.lanes = Lanes()
        # A thread gives way at each word with the database, and would wait 5 ms for its turn again.
        sys.setswitchinterval(0.0005)
        yield

    app = FastAPI(
        title="Undertone desk",
        version=version("undertone"),
        description="Batches of clips, the judgements on them, and who made them.",
        dependencies=[Depends(guard)],
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        separate_input_output_schemas=False,
    )
    app.state.desk = desk
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=2000)
    app.add_middleware(SafetyHeaders)
    return app

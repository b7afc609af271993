"""A real Chromium at a real desk: the app served on a free port, a page that is signed in."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from annotation.desk.desk import Desk
from annotation.desk.web.app import create_app
from tests.annotation.desk.conftest import PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip


BROKEN: list[str] = []
"""Errors in the pages' scripts; tests look that there are none."""


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The desk's address while it is served from a thread of this process."""
    config = uvicorn.Config(create_app(desk), port=0, log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the desk did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_OPTIONS))
        yield browser
        browser.close()


def signed_in(browser: Browser, address: str, name: str, **options: object) -> Page:
    """A page of somebody who signed in."""
    page = browser.new_context(base_url=address, **options).new_page()
    page.set_default_timeout(60_000)  # a machine that does other things too
    page.on("pageerror", lambda error: BROKEN.append(str(error)))
    page.goto("/login")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{address}/")
    return page


def until(page: Page, expression: str, *arguments: object, within_s: float = 60) -> None:
    """Wait for an expression to hold. (Playwright's own waiting evaluates text in the page, which
    the content policy refuses.)"""
    deadline = time.monotonic() + within_s
    while not page.evaluate(expression, *arguments):
        assert time.monotonic() < deadline, f"never came true: {expression} {arguments}"
        page.wait_for_timeout(20)

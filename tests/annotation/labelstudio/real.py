"""A real Label Studio: installed in an environment of its own, once, and started by a test."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port, serving

ASKED = "UNDERTONE_TEST_LABEL_STUDIO"
VERSION = "1.23.2"
EMAIL, PASSWORD, TOKEN = "lead@example.org", "lead-password-1", "0123456789abcdef" * 2 + "01234567"
_STARTS_WITHIN_S = 240


def command() -> Path:
    """The label-studio command; installed first where it is not yet, or a skip that says why."""
    if not os.environ.get(ASKED):
        pytest.skip(
            f"{ASKED}=1 installs Label Studio {VERSION} in an environment of its own (2 to 4 "
            "minutes and 1 GB, kept in the cache) and runs this against it"
        )
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "undertone"
    folder = folder / f"label-studio-{VERSION}-py{sys.version_info.major}{sys.version_info.minor}"
    made = folder / "bin" / "label-studio"
    if not (folder / "whole").exists():
        steps = (
            [sys.executable, "-m", "venv", "--clear", folder],
            [folder / "bin" / "python", "-m", "pip", "install", "-q", f"label-studio=={VERSION}"],
        )
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False, env=_bare())
            if done.returncode:
                pytest.skip(f"no Label Studio: {' '.join(done.stderr.split())[-300:]}")
        (folder / "whole").touch()
    return made


@contextmanager
def label_studio(data: Path):
    """Start one on fresh data; yields its address. It may reach servers of this machine."""
    program = command()
    port = free_port()
    environment = {
        **_bare(),
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        # The desk, as an ML backend, is on this machine.
        "SSRF_PROTECTION_ENABLED": "false",
        "USE_DEFAULT_BANNED_SUBNETS": "false",
    }
    options = ["--no-browser", "--port", str(port), "--username", EMAIL]
    options += ["--password", PASSWORD, "--user-token", TOKEN]
    data.mkdir(parents=True, exist_ok=True)
    address = f"http://localhost:{port}"
    with serving(
        [program, "start", *options], f"{address}/health",
        log=data / "log", cwd=data, env=environment, within_s=_STARTS_WITHIN_S,
    ):  # fmt: skip
        yield address


def person(address: str, email: str) -> httpx.Client:
    """Somebody who signs up by an invitation link, as a browser does; signed in."""
    lead = httpx.Client(base_url=address, headers={"Authorization": f"Token {TOKEN}"})
    invited = lead.get("/api/invite").json()["invite_url"]
    one = httpx.Client(base_url=address, follow_redirects=True, timeout=60)
    one.get(invited)
    form = {"email": email, "password": "a-password-1", "allow_newsletters": "false"}
    form["csrfmiddlewaretoken"] = one.cookies["csrftoken"]
    answer = one.post(invited, data=form, headers={"Referer": address})
    assert answer.status_code == 200, answer.text[:300]
    one.headers["X-CSRFToken"] = one.cookies["csrftoken"]
    return one


def _bare() -> dict[str, str]:
    """The environment without what would lead another Python astray."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DJANGO"))}

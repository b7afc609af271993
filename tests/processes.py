"""Finding the processes that a test started, by a mark in their environment, and waiting."""

import time
from collections.abc import Callable
from contextlib import suppress

import psutil

MARK = "UNDERTONE_TEST_MARK"


def marked(mark: str) -> list[psutil.Process]:
    """Processes that were started, by whomever, with this mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def described(mark: str) -> list[str]:
    """What the marked processes are, to be shown: number, parent, command."""
    found = []
    for process in marked(mark):
        with suppress(psutil.Error):
            command = " ".join(process.cmdline())
            found.append(f"{process.pid} (of {process.ppid()}) {process.status()} {command:.300}")
    return found


def all_gone(mark: str, within_s: float) -> None:
    """Wait until no marked process is left; fail with what is."""
    deadline = time.monotonic() + within_s
    while marked(mark):
        assert time.monotonic() < deadline, f"after {within_s} s there are still: {described(mark)}"
        time.sleep(0.1)


def wait_until(met: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait for something to become true; fail when it does not."""
    deadline = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.05)

"""Finding the processes that a test started, by a mark in their environment, and waiting."""

import time
from collections.abc import Callable

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


def wait_until(met: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait for something to become true; fail when it does not."""
    deadline = time.monotonic() + within_s
    while not met():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.05)

"""Telling a process apart from all others, and whether it is still there."""

import os
import socket
from pathlib import Path


def this_process() -> str:
    """host:pid:start. Where the system says so, `start` is ticks since boot, the boot's id and
    the namespace that counts process numbers; else it is empty."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start(os.getpid())}"


def is_dead(name: str) -> bool:
    """Whether a process, as named by `this_process`, is certainly no more.

    False when it lives, and also when it cannot be told from here: another machine or container,
    or a system that does not say when a process started.
    """
    host, _, rest = name.partition(":")
    number, _, start = rest.partition(":")
    if host != socket.gethostname() or not number.isdigit() or os.name != "posix":
        return False
    began, place = start.partition("-")[::2]
    if place != _place():
        return False
    pid = int(number)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's: /proc may still say when it started
    now = _start(pid).partition("-")[0]
    return bool(began and now) and began != now


def _start(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # After the name, which may hold anything: the state, then field 22 of proc(5), the start.
    fields = stat.rpartition(")")[2].split()
    # A zombie runs no more; it only waits to be counted.
    ticks = "gone" if fields[0] in "ZX" else fields[19]
    return f"{ticks}-{_place()}"


def _place() -> str:
    """This boot of this machine, and where process numbers mean what they mean here."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
        return f"{boot}-{os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116
    except OSError:
        return ""

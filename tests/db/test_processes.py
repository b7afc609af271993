import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.processes import is_dead, this_process

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(),
    reason="no /proc: the system does not say when a process started",
)


def _as(pid: int | None = None, host: str | None = None, start: str | None = None) -> str:
    """This process's name with parts of it replaced."""
    my_host, my_pid, my_start = this_process().split(":")
    return f"{host or my_host}:{pid or my_pid}:{start or my_start}"


def test_this_process_is_named_by_host_number_and_start_and_lives():
    assert this_process().split(":")[1] == str(os.getpid())
    assert this_process() == this_process()
    assert not is_dead(this_process())


def test_a_process_that_has_ended_is_dead():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert is_dead(_as(pid=child.pid))


@needs_proc
def test_a_killed_process_that_nobody_has_waited_for_is_dead():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    place = this_process().split(":")[2].partition("-")[2]
    name = _as(pid=child.pid, start=f"{start}-{place}")
    assert not is_dead(name)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
    assert is_dead(name)
    child.communicate()


@needs_proc
def test_a_later_process_with_the_same_number_is_another_one():
    place = this_process().split(":")[2].partition("-")[2]
    assert is_dead(_as(start=f"1-{place}"))


@pytest.mark.parametrize(
    "name", ["", "x", "host:pid:start", "elsewhere:999999999:1", "elsewhere:1:1-2-3"]
)
def test_what_cannot_be_told_from_here_is_not_called_dead(name):
    assert not is_dead(name)


@needs_proc
def test_a_process_of_another_boot_or_container_is_not_called_dead():
    assert not is_dead(_as(pid=4_000_000, start="1-00000000-1"))

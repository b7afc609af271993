"""Files and folders that are whole or not there: made beside their place, synced, renamed."""

import os
import shutil
import socket
from pathlib import Path


def beside(place: Path) -> Path:
    """Where this process makes what is to stand at `place`: a hidden name in the same folder."""
    return place.parent / f".{place.name}-{socket.gethostname()}-{os.getpid()}"


def sync(place: Path) -> None:
    """Have a file, or a folder and all files in it, on the disk and not only in its cache."""
    files = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    for path in files:
        _sync(path, os.O_RDONLY)
    if place.is_dir():
        sync_folder(place)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def clear_leftovers(folder: Path) -> None:
    """Remove what processes of this machine were making in `folder` when they were killed."""
    for path in folder.glob(f".*-{socket.gethostname()}-*"):
        pid = path.name.rpartition("-")[2]
        if pid.isdigit() and not _lives(int(pid)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

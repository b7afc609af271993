"""Where a command may write what it was asked for: checked before the work is done."""

import os
from collections.abc import Sequence
from pathlib import Path


def check_out(path: Path, suffixes: Sequence[str], option: str = "--out") -> None:
    """Raises ValueError, which names the option, unless `path` can be written and ends so."""
    if path.is_dir():
        raise ValueError(f"{option} {path} is a folder; name a file in it")
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"{option} {path} does not end in {' or '.join(suffixes)}")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise ValueError(f"{option} {path}: the folder {folder} does not exist")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise ValueError(f"{option} {path} cannot be written: permission denied")

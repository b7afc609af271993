"""A folder of files on this machine, and what in it may be opened."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

from corpora.extensions import AUDIO, FOREIGN_AUDIO, extension, foreign_reason

_N_SUGGESTIONS = 50
"""Near misses are looked for this often in a reading: each costs a comparison with a folder."""


class Refused(Exception):  # noqa: N818 - caught within the room, and turned into Rejected
    """A file that may not or cannot be opened; `str()` is the reason in one line."""


@dataclass(frozen=True)
class Found:
    """A file in a place by its relative name ("a/b.wav"), and what is wrong with it."""

    name: str
    problem: str | None = None


class Place(Protocol):
    """A folder of files, here or elsewhere; names in it are relative and parted by "/"."""

    name: str
    uri: str

    def walk(self) -> Iterator[Found]:
        """Every visible audio file below, folder by folder, sorted; hidden ones are passed over."""

    def uri_of(self, name: str) -> str:
        """What a file is known by."""

    def local(self, name: str) -> Path:
        """A file that can be opened. Raises Refused."""

    def has(self, name: str) -> bool:
        """Whether there is such a file or folder."""


def printable(text: str) -> str:
    """A file's name as it can be shown and stored, whatever bytes it is made of."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class LocalFolder:
    """A folder of this machine. Links that lead out of it are refused, never followed."""

    def __init__(self, folder: Path) -> None:
        # Not resolved: the name by which the user knows the folder stays the name of its files.
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 - Path.absolute keeps ".."
        self.name = printable(self.folder.name) or "root"
        self.uri = printable(str(self.folder))
        self._real = os.path.realpath(self.folder)
        self._n_suggested = 0

    def walk(self) -> Iterator[Found]:
        """See Place. Links to folders within are passed over: what they show comes anyway."""
        yield from self._walk(self.folder, "")

    def uri_of(self, name: str) -> str:
        """The absolute path, links not resolved."""
        return printable(os.path.normpath(self.folder / name))

    def has(self, name: str) -> bool:
        """See Place."""
        return (self.folder / name).exists()

    def local(self, name: str) -> Path:
        """See Place; `name` comes from a manifest and may be anything."""
        if "\0" in name:
            raise Refused(f"path {name!r} holds a NUL character")
        path = self.folder / name
        real = os.path.realpath(path)
        if not _within(real, self._real):
            link = _within(os.path.normpath(path), str(self.folder))
            how = " through a symbolic link" if link else ""
            raise Refused(f"path {name!r} leads out of the folder{how}")
        try:
            mode = os.stat(real).st_mode  # noqa: PTH116 - one call, and every error has its own line
        except (FileNotFoundError, NotADirectoryError):
            if path.is_symlink():
                raise Refused(f"path {name!r} is a broken symbolic link") from None
            raise Refused(f"path {name!r} is not there{self._near(name)}") from None
        except OSError as error:
            raise Refused(f"path {name!r} cannot be opened: {error.strerror}") from None
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise Refused(f"path {name!r} is {kind}")
        return path

    def _walk(self, folder: Path, prefix: str) -> Iterator[Found]:
        try:
            with os.scandir(folder) as scan:
                children = sorted(scan, key=lambda child: child.name)
        except OSError as error:
            yield Found(prefix.rstrip("/") or ".", f"cannot be opened: {error.strerror}")
            return
        for child in children:
            if child.name.startswith("."):
                continue
            name = prefix + child.name
            if child.is_dir(follow_symlinks=False):
                yield from self._walk(folder / child.name, f"{name}/")
            elif child.is_symlink() and os.path.isdir(child.path):  # noqa: PTH112 - no error in a loop
                if not _within(os.path.realpath(child.path), self._real):
                    yield Found(name, "is a symbolic link that leads out of the folder")
            elif extension(name) in AUDIO | FOREIGN_AUDIO:
                yield Found(name, self._problem(child, name))

    def _problem(self, child: os.DirEntry[str], name: str) -> str | None:
        if printable(name) != name:
            return "its name is not UTF-8: rename it"
        if child.is_symlink():
            real = os.path.realpath(child.path)
            if not _within(real, self._real):
                return "is a symbolic link that leads out of the folder"
            if not Path(real).exists():
                return "is a broken symbolic link"
        if not Path(child.path).is_file():
            return "is not a regular file"
        if extension(child.name) in FOREIGN_AUDIO:
            return foreign_reason(child.name)
        return None

    def _near(self, name: str) -> str:
        if self._n_suggested >= _N_SUGGESTIONS:
            return ""
        self._n_suggested += 1
        parent = (self.folder / name).parent
        if not parent.is_dir() or not _within(os.path.realpath(parent), self._real):
            return f" (there is no folder {os.path.dirname(name)!r})"  # noqa: PTH120 - as written
        return near_miss(Path(name).name, parent)


def near_miss(name: str, folder: Path) -> str:
    """ " (did you mean …?)" with the closest names in a folder, or "" where none is close."""
    try:
        names = [child.name for child in os.scandir(folder)][:20_000]
    except OSError:
        return ""
    near = get_close_matches(name, names, n=2, cutoff=0.75)
    return f" (did you mean {' or '.join(map(printable, near))}?)" if near else ""


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)

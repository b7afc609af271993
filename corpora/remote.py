"""Files behind a URL, through fsspec; what is opened is kept in a cache, by content."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import fsspec
import fsspec.core

from corpora.entries import SourceError
from corpora.extensions import AUDIO, FOREIGN_AUDIO, MANIFESTS, extension, foreign_reason
from corpora.places import Found, Place, Refused, printable

_USERINFO = re.compile(
    r"(?<=://)[^/@\s:]*:(?!:\w+://).*@|(?<=http://)[^/@\s]*@|(?<=https://)[^/@\s]*@"
)
_SECRET_QUERY = re.compile(
    r"(?i)\?[^\s:]*(?:password|secret|token|key|sig|credential)[^\s:]*=[^\s:]*"
)
_READ = AUDIO | FOREIGN_AUDIO | MANIFESTS.keys()
_BLOCK = 2**20


def is_url(source: str) -> bool:
    """Whether a source is a URL (also a chained one, zip://…::…) rather than a path."""
    return "://" in source or "::" in source


def local_path(url: str) -> Path | None:
    """The path behind a plain file:// URL, None for any other."""
    if "::" in url or not url.lower().startswith(("file://", "local://")):
        return None
    # Not urlsplit(url).path: a "#" or "?" is a character like any other in a file's name.
    path = url.partition("://")[2]
    return Path(unquote(path) if not Path(path).exists() else path)


def public(url: str) -> str:
    """A URL without user, password and signed query: what may be stored and shown."""
    return printable(_SECRET_QUERY.sub("", _USERINFO.sub("", url)))


def open_place(url: str, cache_dir: Path) -> tuple[Place, str | None]:
    """The folder behind a URL, and the name of the file in it if the URL is one of a file.

    Raises SourceError for an unknown protocol, one whose package is not installed, and for what
    is not there or does not answer.
    """
    try:
        system, path = fsspec.core.url_to_fs(url)
        if not system.exists(path):
            raise FileNotFoundError(path)
        is_file = _is_file(system, path)
    except Exception as error:  # each protocol has errors of its own, and users type URLs
        raise SourceError(_why(url, error)) from None
    if is_file and extension(path) not in _READ:
        known = ", ".join([*sorted(MANIFESTS), *sorted(AUDIO)])
        raise SourceError(
            f"source {public(url)} is neither a folder, a manifest nor audio ({known})"
        )
    head, _, tail = url.partition("::")
    if is_file:
        folder, _, name = path.rpartition("/")
        shown = head[: -len(head.rpartition("/")[2])]
        return RemoteFolder(system, folder, _chain(_trimmed(shown), tail), cache_dir), name
    return RemoteFolder(system, path.rstrip("/"), _chain(_trimmed(head), tail), cache_dir), None


class RemoteFolder:
    """A folder behind a URL. `local` fetches a file once, until the other side says it changed."""

    def __init__(self, system: Any, root: str, url: str, cache_dir: Path) -> None:
        self._system = system
        self._root = root
        head, _, self._tail = url.partition("::")
        self._head = head
        self._cache = cache_dir
        self.uri = public(url)
        last = PurePosixPath(root).name or urlsplit(head).hostname or PurePosixPath(self._tail).stem
        self.name = printable(last or "url")

    def walk(self) -> Iterator[Found]:
        """See Place; what the other side lists, in the order of its names."""
        try:
            paths = self._system.find(self._root)
        except Exception as error:  # as above
            raise SourceError(_why(self.uri, error)) from None
        names = sorted(path.removeprefix(self._root).lstrip("/") for path in paths)
        for name in names:
            hidden = any(part.startswith(".") for part in name.split("/"))
            if not hidden and extension(name) in AUDIO | FOREIGN_AUDIO:
                foreign = extension(name) in FOREIGN_AUDIO
                yield Found(name, foreign_reason(name) if foreign else None)

    def uri_of(self, name: str) -> str:
        """The URL of a file, without credentials."""
        joined = f"{self._head}{'' if self._head.endswith('/') else '/'}{name}"
        return public(_chain(joined, self._tail))

    def has(self, name: str) -> bool:
        """See Place."""
        try:
            return bool(self._system.exists(self._at(name)))
        except Exception as error:  # as above
            raise SourceError(_why(self.uri, error)) from None

    def local(self, name: str) -> Path:
        """The cached file; fetched first where it is not there or has changed."""
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise Refused(f"path {name!r} leads out of the folder")
        at = self._at(name)
        try:
            note = self._cache / "urls" / _digest(self.uri_of(name), self._stamp(at))
            if note.is_file():
                kept = self._cache / note.read_text(encoding="utf-8")
                if kept.is_file():
                    return kept
            kept = self._fetch(at, extension(name))
        except FileNotFoundError:
            raise Refused(f"path {name!r} is not there") from None
        except Exception as error:  # as above
            raise Refused(f"path {name!r} could not be fetched: {_reason(error)}") from None
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(str(kept.relative_to(self._cache)), encoding="utf-8")
        return kept

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}" if self._root else name

    def _stamp(self, at: str) -> str:
        """What changes when the file does: its size and its marks, not when it was looked at."""
        info = self._system.info(at)
        kept = {k: v for k, v in info.items() if k.lower() not in ("atime", "accessed", "nlink")}
        return repr(sorted(kept.items(), key=lambda pair: pair[0]))

    def _fetch(self, at: str, ending: str) -> Path:
        self._cache.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        handle, beside = tempfile.mkstemp(dir=self._cache, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as target, self._system.open(at, "rb") as remote:
                while block := remote.read(_BLOCK):
                    digest.update(block)
                    target.write(block)
            name = digest.hexdigest()
            kept = self._cache / name[:2] / f"{name}{ending}"
            kept.parent.mkdir(exist_ok=True)
            Path(beside).replace(kept)
        finally:
            Path(beside).unlink(missing_ok=True)
        return kept


def _is_file(system: Any, path: str) -> bool:
    # A web server's page is a folder of the links in it, and every file there is a page.
    if "http" in system.protocol:
        return extension(path) in _READ
    return bool(system.isfile(path))


def _trimmed(head: str) -> str:
    """Without the slashes at its end, but for those of "zip://"."""
    trimmed = head.rstrip("/")
    return f"{trimmed}//" if trimmed.endswith(":") else trimmed


def _chain(head: str, tail: str) -> str:
    return f"{head}::{tail}" if tail else head


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()


def _why(url: str, error: Exception) -> str:
    shown = public(url)
    if isinstance(error, FileNotFoundError):
        return f"source {shown} does not exist, or does not answer"
    if isinstance(error, ImportError):
        return f"source {shown} needs a package that is not installed: {_reason(error)}"
    if isinstance(error, ValueError) and "rotocol" in str(error):
        known = "file, http, https, memory, zip, s3, gs, az, sftp, …"
        protocol = shown.partition("://")[0].rpartition("::")[2]
        return f"source {shown}: unknown protocol {protocol!r} (known: {known})"
    return f"source {shown} cannot be read: {_reason(error)}"


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return public(text)[:300]

"""A source as the user names it: what it is, and the reading of it."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from corpora import remote
from corpora.emodb import is_emodb, read_emodb
from corpora.entries import Entry, Reading, Rejected, SourceError
from corpora.extensions import AUDIO, FOREIGN_AUDIO, MANIFESTS, extension, foreign_reason
from corpora.folder import read_folder
from corpora.manifest import read_manifest
from corpora.nemo import SAMPLES, TABLE, read_nemo
from corpora.places import LocalFolder, Place, Refused, near_miss
from labels.scheme import Scheme

__all__ = ["SourceError", "read"]

_N_PEEKED = 1000


def read(
    source: str | Path, scheme: Scheme, *, cache_dir: Path, corpus: str | None = None
) -> Reading:
    """The entries and rejections of a source, in a fixed order, read as they are asked for.

    A source is a folder of audio, an EMO-DB or nEMO folder, a manifest (.csv, .tsv, .jsonl) or a
    folder with one called manifest.*, a single audio file, a .zip of any of these, or the fsspec
    URL of any of these, whose files are fetched into `cache_dir`. `corpus` overrides the name
    that the entries give their corpus. Raises SourceError at once when the source itself is wrong.
    """
    text = str(source)
    if not text.strip() or "\0" in text:
        raise SourceError(f"source {text!r} is neither a path nor a URL")
    if remote.is_url(text) and not _exists(Path(text)):
        if local := remote.local_path(text):
            return _read_local(local, scheme, corpus)
        place, name = remote.open_place(text, cache_dir)
        return _read_place(place, name, scheme, corpus)
    path = Path(text).expanduser()
    if extension(path.name) == ".zip" and path.is_file():
        place, name = remote.open_place(f"zip://::{path.absolute()}", cache_dir)
        return _read_place(place, name, scheme, corpus)
    return _read_local(path, scheme, corpus)


def _read_local(path: Path, scheme: Scheme, corpus: str | None) -> Reading:
    try:
        is_folder = path.is_dir()
        there = path.exists()
    except OSError as error:
        raise SourceError(f"source {path} cannot be read: {error.strerror}") from None
    if is_folder:
        return _read_place(LocalFolder(path), None, scheme, corpus)
    if not there:
        hint = _near(path)
        raise SourceError(f"source {path} does not exist{hint}")
    path = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps ".."
    return _read_place(LocalFolder(path.parent), path.name, scheme, corpus)


def _read_place(place: Place, name: str | None, scheme: Scheme, corpus: str | None) -> Reading:
    notes: list[str] = []
    name = name or _table_in(place)
    if name is None:
        items, where = _read_folder(place, scheme, corpus, notes), f"folder {place.name}"
        empty = f"source {place.uri} holds no audio ({', '.join(sorted(AUDIO))})"
    else:
        items, where = _read_file(place, name, scheme, corpus, notes), name
        empty = f"source {place.uri_of(name)} holds no rows"
    first = next(items, None)
    if first is None:
        raise SourceError(empty)
    return Reading(itertools.chain([first], items), notes, uri=place.uri, where=where)


def _table_in(place: Place) -> str | None:
    """The file that says what is in a folder, where it has one."""
    if place.has(TABLE) and place.has(SAMPLES):
        return TABLE
    manifests = [f"manifest{kind}" for kind in MANIFESTS if place.has(f"manifest{kind}")]
    if len(manifests) > 1:
        raise SourceError(f"source {place.uri} holds {' and '.join(manifests)}: name one of them")
    return manifests[0] if manifests else None


def _read_file(
    place: Place, name: str, scheme: Scheme, corpus: str | None, notes: list[str]
) -> Iterator[Entry | Rejected]:
    kind = extension(name)
    if name == TABLE and place.has(SAMPLES):
        return read_nemo(place, scheme, corpus or "nemo", notes)
    if kind in MANIFESTS:
        return read_manifest(place, name, scheme, corpus, notes)
    if kind in FOREIGN_AUDIO:
        raise SourceError(f"source {place.uri_of(name)}: {foreign_reason(name)}")
    if kind not in AUDIO:
        known = ", ".join([*sorted(MANIFESTS), *sorted(AUDIO)])
        raise SourceError(
            f"source {place.uri_of(name)} is neither a folder, a manifest nor audio ({known})"
        )
    try:
        path = place.local(name)
    except Refused as refused:
        raise SourceError(f"source {place.uri_of(name)}: {refused}") from None
    uri = place.uri_of(name)
    return iter([Entry(uri=uri, path=path, where=name, corpus=corpus or place.name)])


def _read_folder(
    place: Place, scheme: Scheme, corpus: str | None, notes: list[str]
) -> Iterator[Entry | Rejected]:
    found = itertools.islice(place.walk(), _N_PEEKED)
    if is_emodb([Path(one.name).stem for one in found if extension(one.name) == ".wav"]):
        return read_emodb(place, scheme, corpus or "emodb", notes)
    return read_folder(place, corpus or place.name)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for any file
        return False


def _near(path: Path) -> str:
    parent = path.parent
    if not parent.is_dir():
        while not parent.is_dir() and parent != parent.parent:
            path, parent = parent, parent.parent
        return f": there is no {path.name} in {parent.absolute()}{near_miss(path.name, parent)}"
    return near_miss(path.name, parent)

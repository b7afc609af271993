"""A folder of audio with nothing said about it."""

from collections.abc import Iterator

from corpora.entries import Entry, Rejected
from corpora.places import Place, Refused


def read_folder(place: Place, corpus: str) -> Iterator[Entry | Rejected]:
    """An entry for each audio file below, in sorted order; other and hidden files are ignored.

    Links out of the folder, broken links, unreadable folders and formats that are not decoded
    are Rejected. File names are given no meaning.
    """
    return (item for _, item in named_files(place, corpus))


def named_files(place: Place, corpus: str) -> Iterator[tuple[str, Entry | Rejected]]:
    """The same, each with its relative name in the folder ("a/b.wav")."""
    where = f"folder {place.name}"
    for found in place.walk():
        uri = place.uri_of(found.name)
        if found.problem is not None:
            yield found.name, Rejected(uri, where, found.problem)
            continue
        try:
            path = place.local(found.name)
        except Refused as refused:
            yield found.name, Rejected(uri, where, str(refused))
            continue
        yield found.name, Entry(uri=uri, path=path, where=where, corpus=corpus)

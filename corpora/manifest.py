"""A manifest: a table with a `path` and what is known of each, beside the audio."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath

from corpora import fields
from corpora.entries import Entry, Rejected, SourceError
from corpora.extensions import AUDIO, FOREIGN_AUDIO, extension, foreign_reason
from corpora.places import Place, Refused
from corpora.rows import Row, read_table
from labels.scheme import Scheme, SchemeError

METADATA = (
    "speaker", "gender", "age", "language", "dialect", "style", "session", "turn", "consent",
    "transcript",
)  # fmt: skip
_MAX_IGNORED = 50
COLUMNS = ("path", *METADATA, "start", "end", "level", "corpus")


def read_manifest(
    place: Place, name: str, scheme: Scheme, corpus: str | None, notes: list[str]
) -> Iterator[Entry | Rejected]:
    """An entry for each row; `path` is relative to the manifest's folder and stays in it.

    Columns are COLUMNS and the dimensions of the scheme; others are named once in `notes`. Each
    row that does not hold is Rejected with its line. Raises SourceError when the manifest as a
    whole does not hold.
    """
    shown = place.uri_of(name)
    try:
        table = read_table(place.local(name), shown)
    except Refused as refused:
        raise SourceError(f"manifest {shown}: {refused}") from None
    known = (*COLUMNS, *scheme.dimensions)
    if table.columns is not None:
        _check_columns(table.columns, known, shown, notes)
    return _entries(table.rows, place, name, scheme=scheme, corpus=corpus, notes=notes)


def _entries(
    rows: Iterator[Row],
    place: Place,
    name: str,
    *,
    scheme: Scheme,
    corpus: str | None,
    notes: list[str],
) -> Iterator[Entry | Rejected]:
    known = {*COLUMNS, *scheme.dimensions}
    reported: set[str] = set()
    short = PurePosixPath(name).name
    for row in rows:
        where = f"{short} line {row.line}"
        unknown = row.values.keys() - known - reported
        if unknown and len(reported) < _MAX_IGNORED:
            reported |= unknown
            notes.extend(_ignored(short, sorted(unknown), known, notes))
        try:
            yield _entry(place, row, where, scheme, corpus)
        except (Refused, fields.FieldError, SchemeError) as error:
            yield Rejected(_uri(place, name, row), where, str(error))


def _entry(place: Place, row: Row, where: str, scheme: Scheme, corpus: str | None) -> Entry:
    if row.problem is not None:
        raise Refused(row.problem)
    values = row.values
    path = values.get("path")
    if path is None:
        raise Refused("has no path")
    if "://" in path:
        raise Refused(f"path {path!r} is a URL: give paths relative to the manifest")
    segment = fields.segment(values.get("start"), values.get("end"))
    metadata = fields.metadata(values)
    labels = {}
    for dimension in scheme.dimensions:
        if dimension in values:
            scheme.parse_value(dimension, values[dimension])
            labels[dimension] = values[dimension]
    if extension(path) in FOREIGN_AUDIO:
        raise Refused(f"path {path!r}: {foreign_reason(path)}")
    if extension(path) not in AUDIO:
        raise Refused(f"path {path!r} does not end like audio ({', '.join(sorted(AUDIO))})")
    return Entry(
        uri=place.uri_of(path),
        path=place.local(path),
        segment=segment,
        level=fields.level(values.get("level")),
        metadata=metadata,
        labels=labels,
        where=where,
        corpus=corpus or values.get("corpus") or place.name,
    )


def _uri(place: Place, name: str, row: Row) -> str:
    path = row.values.get("path", "")
    # What leads out of the folder is no name of anything in it.
    leads_out = path.startswith("/") or ".." in path.split("/") or "://" in path
    return place.uri_of(name if not path or "\0" in path or leads_out else path)


def _check_columns(
    columns: tuple[str, ...], known: tuple[str, ...], shown: str, notes: list[str]
) -> None:
    if "path" not in columns:
        near = [n for n in columns if n in ("file", "filename", "file_path", "wav", "audio", "uri")]
        near = near or get_close_matches("path", columns, n=1)
        hint = f" (is it {near[0]!r}? call it path)" if near else ""
        found = ", ".join(columns[:12])
        raise SourceError(f"{shown} has no column path{hint}; its columns: {found}")
    unknown = [name for name in columns if name and name not in known]
    notes.extend(_ignored(PurePosixPath(shown).name, unknown, known, notes))


def _ignored(
    shown: str, unknown: list[str], known: Collection[str], notes: list[str]
) -> Iterator[str]:
    for name in unknown:
        near = get_close_matches(name, known, n=1, cutoff=0.75)
        hint = f" (did you mean {near[0]}?)" if near else ""
        note = f"{shown}: column {name} is ignored{hint}"
        if note not in notes:
            yield note

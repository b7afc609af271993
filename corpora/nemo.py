"""nEMO (Christop, LREC-COLING 2024): Polish, acted; `data.tsv` beside the folder `samples`."""

from collections.abc import Iterator

from corpora import fields
from corpora.emodb import known_emotion
from corpora.entries import Entry, Metadata, Rejected, SourceError
from corpora.places import Place, Refused
from corpora.rows import Row, read_table
from labels.scheme import Scheme

TABLE = "data.tsv"
SAMPLES = "samples"
_COLUMNS = {"file_id", "emotion", "raw_text", "speaker_id", "gender", "age"}


def read_nemo(
    place: Place, scheme: Scheme, corpus: str, notes: list[str]
) -> Iterator[Entry | Rejected]:
    """An entry for each row of data.tsv, with its speaker, sentence and acted emotion.

    Raises SourceError when the table is not nEMO's.
    """
    try:
        table = read_table(place.local(TABLE), place.uri_of(TABLE))
    except Refused as refused:
        raise SourceError(f"nEMO folder {place.uri}: {refused}") from None
    missing = sorted(_COLUMNS - set(table.columns or ()))
    if missing:
        raise SourceError(f"{place.uri_of(TABLE)} is not nEMO's: it has no column {missing[0]}")
    return _entries(place, table.rows, scheme, corpus, notes)


def _entries(
    place: Place, rows: Iterator[Row], scheme: Scheme, corpus: str, notes: list[str]
) -> Iterator[Entry | Rejected]:
    unknown: set[str] = set()
    for row in rows:
        where = f"{TABLE} line {row.line}"
        name = f"{SAMPLES}/{row.values.get('file_id', '')}"
        uri = place.uri_of(name if "file_id" in row.values else TABLE)
        try:
            if row.problem is not None:
                raise Refused(row.problem)
            if "file_id" not in row.values:
                raise Refused("has no file_id")
            values = {**row.values, "language": "pl", "style": "acted"}
            values |= {"transcript": row.values.get("raw_text", "")}
            values |= {"speaker": row.values.get("speaker_id", "")}
            metadata: Metadata = fields.metadata({k: v for k, v in values.items() if v})
            emotion = row.values.get("emotion")
            labels = known_emotion(emotion, scheme, unknown, notes) if emotion else {}
            yield Entry(
                uri=uri,
                path=place.local(name),
                metadata=metadata,
                labels=labels,
                where=where,
                corpus=corpus,
            )
        except (Refused, fields.FieldError) as error:
            yield Rejected(uri, where, str(error))

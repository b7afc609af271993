"""Pull: new speech becomes recordings and segments; what is wrong goes to quarantine."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import corpora.source
import db.judgements
import db.quarantine
import db.recordings
import db.reference_labels
import db.segments
import db.speakers
from corpora.entries import Entry, Rejected
from db.records import ReferenceLabel
from labels.judgements import Judgement
from rounds.artifacts import digest
from rounds.hearing import Heard, hear, segments_of
from rounds.workspace import Progress, Workspace, silent

_AT_ONCE = 256


@dataclass
class IngestReport:
    """What an ingest did, in counts, with each thing it refused."""

    source: str
    n_entries: int = 0
    n_new: int = 0
    n_segments: int = 0
    n_unchanged: int = 0
    n_duplicates: int = 0
    n_labels: int = 0
    n_resolved: int = 0
    hours: float = 0.0
    notes: list[str] = field(default_factory=list)
    quarantined: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def n_quarantined(self) -> int:
        """How many entries were refused this time."""
        return len(self.quarantined)


def ingest(
    workspace: Workspace,
    source: str,
    *,
    corpus: str | None = None,
    as_gold: bool = False,
    n_workers: int = 1,
    progress: Progress = silent,
) -> IngestReport:
    """Read a source into the records, a few hundred entries to a transaction.

    Unchanged files are passed over; the same sound under another name is kept once; labels that
    come with a corpus are kept as reference labels, and with `as_gold` also as expert judgements.
    Raises corpora.source.SourceError when the source itself is wrong.
    """
    report = IngestReport(source)
    stream = corpora.source.read(source, workspace.scheme, cache_dir=workspace.cache, corpus=corpus)
    with ThreadPoolExecutor(max(n_workers, 1)) as pool:
        while batch := list(islice(stream, _AT_ONCE)):
            _take(workspace, batch, report, as_gold, pool)
            progress("ingest", report.n_entries, 0)
    with workspace.writing() as tx:
        db.speakers.assign_splits(tx, held_out_fraction=workspace.held_out_share)
    report.hours = round(report.hours, 4)
    report.notes += stream.notes
    return report


def _take(
    workspace: Workspace,
    batch: list[Entry | Rejected],
    report: IngestReport,
    as_gold: bool,
    pool: ThreadPoolExecutor,
) -> None:
    """Put a few hundred entries into the records, in one transaction."""
    report.n_entries += len(batch)
    by_uri: dict[str, list[Entry]] = {}
    for entry in batch:
        if isinstance(entry, Entry):
            by_uri.setdefault(entry.uri, []).append(entry)
    with workspace.reading() as tx:
        known = db.recordings.source_files(tx, list(by_uri))
    heard = dict(
        zip(
            by_uri,
            pool.map(lambda uri: hear(by_uri[uri][0], known.get(uri)), by_uri),
            strict=True,
        )
    )
    with workspace.writing() as tx:
        for rejected in (item for item in batch if isinstance(item, Rejected)):
            _quarantine(tx, report, rejected.uri, rejected.where, rejected.reason)
        good = []
        for uri, found in heard.items():
            if found.reason is None:
                good.append(found)
            else:
                _quarantine(tx, report, uri, by_uri[uri][0].where, found.reason)
        _store(tx, workspace, good, by_uri, report, as_gold)


def _store(
    tx: Any,
    workspace: Workspace,
    heard: list[Heard],
    by_uri: dict[str, list[Entry]],
    report: IngestReport,
    as_gold: bool,
) -> None:
    fresh = [found for found in heard if not found.unchanged]
    report.n_unchanged += len(heard) - len(fresh)
    new = set(db.recordings.add(tx, [found.recording for found in fresh]))
    report.n_new += len(new)
    report.n_duplicates += len(fresh) - len(new)
    report.hours += sum(f.recording.duration_s for f in fresh if f.recording.id in new) / 3600
    db.recordings.note_files(tx, [found.file for found in fresh])
    segments, labels = [], []
    for found in heard:
        for entry in by_uri[found.file.uri]:
            cut, whole = segments_of(found, entry)
            segments += cut
            labels += [
                ReferenceLabel(whole, dimension, value, entry.corpus)
                for dimension, value in _parsed(workspace, entry).items()
            ]
    report.n_segments += len(db.segments.add(tx, segments))
    report.n_labels += db.reference_labels.add(tx, labels)
    if as_gold:
        db.judgements.add(tx, list(_as_judgements(labels)))
    report.n_resolved += db.quarantine.resolve(tx, [found.file.uri for found in heard])


def _parsed(workspace: Workspace, entry: Entry) -> dict[str, str]:
    return {name: workspace.scheme.parse_value(name, text) for name, text in entry.labels.items()}


def _as_judgements(labels: Iterable[ReferenceLabel]) -> Iterator[Judgement]:
    by_segment: dict[tuple[str, str], dict[str, str]] = {}
    for one in labels:
        by_segment.setdefault((one.segment_id, one.source), {})[one.dimension] = one.value
    for (segment_id, source), values in by_segment.items():
        yield Judgement(
            id=f"reference:{digest(segment_id, source, values)}",
            segment_id=segment_id,
            annotator=f"reference:{source}",
            role="expert",
            values=values,
            source=f"reference:{source}",
        )


def _quarantine(tx: Any, report: IngestReport, uri: str, where: str, reason: str) -> None:
    db.quarantine.quarantine(tx, uri, where, reason)
    report.quarantined.append((uri, where, reason))

"""Pull: new speech becomes recordings and segments; what is wrong goes to quarantine."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import corpora.source
import db.judgements
import db.quarantine
import db.recordings
import db.reference_labels
import db.segments
import db.speakers
from corpora.entries import Entry, Reading, Rejected
from corpora.remote import is_url, public
from db.records import Recording, ReferenceLabel, Segment, SourceFile
from labels.judgements import Judgement
from rounds.artifacts import digest
from rounds.describing import revised
from rounds.hearing import Heard, NoSuchStretchError, hear, segments_of, whole_id
from rounds.workspace import Progress, Workspace, silent

_AT_ONCE = 256


@dataclass
class IngestReport:
    """What an ingest did, in counts, with each thing it refused. `source` shows no password."""

    source: str
    n_entries: int = 0
    n_new: int = 0
    n_segments: int = 0
    n_unchanged: int = 0
    n_revised: int = 0
    n_duplicates: int = 0
    n_labels: int = 0
    n_resolved: int = 0
    hours: float = 0.0
    n_labels_of_cut: int = 0
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

    Unchanged files are not heard again, but what is said of them is brought up to date; the same
    sound under another name is kept once; labels that come with a corpus are kept as reference
    labels, and with `as_gold` also as expert judgements. What an earlier reading of the source
    refused, and this one did not, has been put right.
    Raises corpora.source.SourceError when the source itself is wrong.
    """
    report = IngestReport(public(source) if is_url(source) else source)
    began = datetime.now(UTC)
    reading = corpora.source.read(
        source, workspace.scheme, cache_dir=workspace.cache, corpus=corpus
    )
    with ThreadPoolExecutor(max(n_workers, 1)) as pool:
        while batch := list(islice(reading, _AT_ONCE)):
            _take(workspace, batch, report, as_gold, pool)
            progress("ingest", report.n_entries, 0)
    with workspace.writing() as tx:
        db.speakers.assign_splits(tx, held_out_fraction=workspace.held_out_share)
        report.n_resolved = _close(tx, reading, began)
    report.hours = round(report.hours, 4)
    report.notes += reading.notes
    if report.n_labels_of_cut:
        report.notes.append(
            "labels of whole recordings that were cut into utterances: "
            f"{report.n_labels_of_cut} (give `start` and `end` to keep a recording whole)"
        )
    return report


def _close(tx: Any, reading: Reading, began: datetime) -> int:
    """Close what this source had in quarantine and did not refuse again."""
    return db.quarantine.resolve(
        tx,
        [
            (one.uri, one.where)
            for one in db.quarantine.list_entries(tx)
            if one.last_seen < began and reading.owns(one.uri, one.where)
        ],
    )


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
    known = _known(workspace, by_uri)
    heard = pool.map(lambda uri: hear(by_uri[uri], known.get(uri)), by_uri)
    found = dict(zip(by_uri, heard, strict=True))
    with workspace.writing() as tx:
        for rejected in (item for item in batch if isinstance(item, Rejected)):
            _quarantine(tx, report, rejected.uri, rejected.where, rejected.reason)
        for uri, one in found.items():
            if one.reason is not None:
                _quarantine(tx, report, uri, by_uri[uri][0].where, one.reason)
        good = {uri: one for uri, one in found.items() if one.reason is None}
        stored = _store_recordings(tx, good, by_uri, report)
        labels = _store_segments(tx, workspace, good, by_uri, stored, report)
        if as_gold:
            db.judgements.add(tx, list(_as_judgements(labels)))


def _known(workspace: Workspace, by_uri: Mapping[str, list[Entry]]) -> dict[str, SourceFile]:
    """What is remembered of these files, but for those to be heard again all the same: so far
    only stretches of them were wanted, and now the whole is."""
    with workspace.reading() as tx:
        known = db.recordings.source_files(tx, list(by_uri))
        wholes = {
            uri: whole_id(known[uri].recording_id or "")
            for uri, entries in by_uri.items()
            if uri in known and any(entry.segment is None for entry in entries)
        }
        there = db.segments.known(tx, list(wholes.values()))
    return {uri: one for uri, one in known.items() if wholes.get(uri) in {None, *there}}


def _store_recordings(
    tx: Any,
    heard: Mapping[str, Heard],
    by_uri: Mapping[str, list[Entry]],
    report: IngestReport,
) -> dict[str, Recording]:
    """Store what is new, revise what is known; the recordings as they now stand, by id."""
    fresh = [one for one in heard.values() if one.recording is not None]
    new = set(db.recordings.add(tx, [one.recording for one in fresh if one.recording]))
    report.n_new += len(new)
    db.recordings.note_files(tx, [one.file for one in fresh])
    ids = [one.file.recording_id or "" for one in heard.values()]
    stored = db.recordings.get_many(tx, list(dict.fromkeys(ids)))
    report.hours += sum(stored[identity].duration_s for identity in new) / 3600
    again = [stored[one.recording.id].uri == one.file.uri for one in fresh if one.recording]
    report.n_unchanged += len(heard) - len(fresh) + sum(again) - len(new)
    report.n_duplicates += len(fresh) - sum(again)
    before = dict(stored)
    for uri, identity in zip(heard, ids, strict=True):
        for entry in by_uri[uri]:
            stored[identity] = revised(stored[identity], entry)
    changed = [one for identity, one in stored.items() if one != before[identity]]
    report.n_revised += len(db.recordings.revise(tx, changed))
    return stored


def _store_segments(
    tx: Any,
    workspace: Workspace,
    heard: Mapping[str, Heard],
    by_uri: Mapping[str, list[Entry]],
    stored: Mapping[str, Recording],
    report: IngestReport,
) -> list[ReferenceLabel]:
    """Store the segments that entries give and their reference labels; returns the labels."""
    segments: list[Segment] = []
    labels: list[ReferenceLabel] = []
    for uri, found in heard.items():
        recording = stored[found.file.recording_id or ""]
        for entry in by_uri[uri]:
            try:
                _same_voice(entry, recording)
                cut, about = segments_of(found, entry, recording.duration_s)
            except NoSuchStretchError as error:
                _quarantine(tx, report, uri, entry.where, str(error))
                continue
            segments += cut
            said = [
                ReferenceLabel(about, dimension, value, entry.corpus)
                for dimension, value in _parsed(workspace, entry).items()
            ]
            labels += said
            report.n_labels_of_cut += len(said) if len(cut) > 1 else 0
    report.n_segments += len(db.segments.add(tx, segments))
    report.n_labels += db.reference_labels.add(tx, labels)
    return labels


def _same_voice(entry: Entry, recording: Recording) -> None:
    """Raises NoSuchStretchError for a stretch of a recording in which somebody else speaks.

    A recording is on one side of the split; another voice in it would be on both.
    """
    speaker = entry.metadata.speaker
    if entry.segment is None or entry.uri != recording.uri:
        return
    if speaker is not None and speaker != recording.speaker:
        raise NoSuchStretchError(
            f"speaker {speaker!r} in a recording of {recording.speaker!r}: a recording has one "
            "speaker; give each a file of their own"
        )


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

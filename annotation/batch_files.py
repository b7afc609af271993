"""Batches as files: out to whoever judges, judgements back in."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

import db.batches
import db.judgements
import db.segments
from annotation.naming import segment_named
from annotation.tables import TableError, column, read_rows
from db.records import Resolved
from labels.judgements import Judgement
from labels.scheme import SchemeError
from rounds.artifacts import digest
from rounds.workspace import Workspace

_ITEM = ("segment", "segment_id", "item")
_ABOUT = ("path", "start_s", "end_s", "speaker", "gender", "language", "transcript")


@dataclass
class ImportReport:
    """What came of a file of judgements; `complete` names batches that it made full."""

    n_rows: int = 0
    n_new: int = 0
    n_known: int = 0
    n_blank: int = 0
    complete: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def export_batch(workspace: Workspace, batch_id: str, form: str) -> str:
    """A batch as text, "csv" or "jsonl": a row a segment, with empty columns for the judgement.

    Raises ValueError for an unknown batch or form.
    """
    with workspace.reading() as tx:
        items = db.batches.items(tx, batch_id)
        pool = db.segments.frame(tx, consented_only=False).set_index("segment_id")
    answers = ["judgement_id", "annotator", *workspace.scheme.dimensions, "duration_s", "note"]
    rows = []
    for item in sorted(items, key=lambda item: item.rank):
        about = pool.loc[item.segment_id, list(_ABOUT)].to_dict()
        rows.append(
            {
                "batch": batch_id,
                "segment": item.segment_id,
                "rank": item.rank,
                **{k: None if pd.isna(v) else v for k, v in about.items()},
                "reason": item.reason,
                **dict.fromkeys(answers),
            }
        )
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if form != "csv":
        raise ValueError(f"unknown form {form!r} (known: csv, jsonl)")
    text = io.StringIO()
    writer = csv.DictWriter(
        text, list(rows[0]) if rows else ["batch", "segment"], lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def import_judgements(
    workspace: Workspace, path: Path, *, annotator: str | None = None
) -> ImportReport:
    """Judgements from a file as `export_batch` wrote it, filled in wholly or in part.

    Rows nobody judged are passed over; a row without `judgement_id` is known by its content, so
    the same file read twice stores nothing twice; an id that came before with other content is
    refused and named. Bad rows are named, the rest is stored, in one transaction.
    """
    report = ImportReport()
    judged: list[Judgement] = []
    rows = list(read_rows(path))
    with workspace.reading() as tx:
        known = db.segments.resolve_items(
            tx,
            list(dict.fromkeys(key for row in rows if (key := column(row.values, *_ITEM)))),
        )
        batches = {batch.id for batch in db.batches.list_batches(tx)}
    for row in rows:
        report.n_rows += 1
        try:
            if row.problem is not None:
                raise TableError(row.problem)
            judgement = _judgement(workspace, row.values, annotator, known, batches, path.name)
        except ValueError as error:
            report.problems.append(f"{path.name} line {row.line}: {error}")
            continue
        if judgement is None:
            report.n_blank += 1
        else:
            judged.append(judgement)
    with workspace.writing() as tx:
        outcome = db.judgements.add(tx, judged)
        touched = sorted({j.batch_id for j in judged if j.batch_id})
        report.complete = [name for name in touched if db.batches.refresh_batch(tx, name)]
    report.n_new, report.n_known = len(outcome.new), len(outcome.known)
    report.problems += [
        f"judgement {identity} was stored before with other content; the stored one stands"
        for identity in outcome.conflicts
    ]
    if report.n_rows and not judged and report.problems:
        raise TableError(f"no judgement in {path} could be used; the first: {report.problems[0]}")
    return report


def _judgement(
    workspace: Workspace,
    row: Mapping[str, str],
    annotator: str | None,
    known: Resolved,
    batches: set[str],
    origin: str,
) -> Judgement | None:
    scheme = workspace.scheme
    given = {name: row[name] for name in scheme.dimensions if name in row}
    if not given:
        return None
    values = {name: scheme.parse_value(name, text) for name, text in given.items()}
    segment_id = segment_named(known, column(row, *_ITEM))
    batch_id = row.get("batch")
    if batch_id is not None and batch_id not in batches:
        raise ValueError(f"batch {batch_id!r} is not known (known: {', '.join(sorted(batches))})")
    who = row.get("annotator", annotator)
    if who is None:
        raise ValueError("no annotator; fill in the column, or pass --annotator NAME")
    identity = row.get("judgement_id") or f"file:{digest(batch_id, segment_id, who, values)}"
    return Judgement(
        id=identity,
        segment_id=segment_id,
        annotator=who,
        role="expert",
        values=values,
        batch_id=batch_id,
        guideline_version=row.get("guideline_version"),
        duration_s=_seconds(row.get("duration_s")),
        judged_at=_time(row.get("judged_at")),
        note=row.get("note"),
        source=origin,
    )


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"duration_s {text!r} is not a number of seconds")
    return seconds


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise SchemeError(f"judged_at {text!r} is not an ISO 8601 time") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)

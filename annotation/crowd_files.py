"""Crowd votes from a file: who said what of which item, into the records."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import db.judgements
import db.segments
from annotation.naming import segment_named
from annotation.tables import TableError, column, read_rows
from labels.judgements import Judgement
from labels.scheme import SchemeError
from rounds.artifacts import digest
from rounds.workspace import Workspace

_ITEM = ("item", "segment", "segment_id", "task", "question", "path", "file")
_ANNOTATOR = ("annotator", "worker", "rater", "labeler")
_VALUE = ("value", "label", "answer")


@dataclass
class CrowdReport:
    """What came of a file of votes: counts, and a line for each row that was passed over."""

    n_rows: int = 0
    n_new: int = 0
    n_known: int = 0
    n_annotators: int = 0
    problems: list[str] = field(default_factory=list)


def import_votes(workspace: Workspace, path: Path, *, dimension: str = "emotion") -> CrowdReport:
    """Read `item, annotator, value` (task/worker/label and question/worker/answer do as well).

    An item is a segment's id, a recording's id, a path, a file name or its stem. A column
    `dimension`, or columns named after the scheme's dimensions, say what is voted on; else it is
    `dimension`. Bad rows are named and passed over; the same vote read again counts once.
    Raises TableError when no row can be used, SchemeError for an unknown dimension.
    """
    if dimension != "emotion":
        workspace.scheme.scale(dimension)
    report = CrowdReport()
    rows = list(read_rows(path))
    with workspace.reading() as tx:
        found = db.segments.resolve_items(
            tx, list(dict.fromkeys(key for row in rows if (key := column(row.values, *_ITEM))))
        )
    seen: Counter[str] = Counter()
    judged: list[Judgement] = []
    annotators: set[str] = set()
    for row in rows:
        report.n_rows += 1
        try:
            if row.problem is not None:
                raise TableError(row.problem)
            votes = _votes(workspace, row.values, dimension)
            annotator = _annotator(row.values)
            segment_id = segment_named(found, column(row.values, *_ITEM))
        except ValueError as error:
            report.problems.append(f"{path.name} line {row.line}: {error}")
            continue
        annotators.add(annotator)
        identity = digest(segment_id, annotator, votes)
        seen[identity] += 1
        judged.append(
            Judgement(
                id=f"crowd:{identity}:{seen[identity]}",
                segment_id=segment_id,
                annotator=annotator,
                role="crowd",
                values=votes,
                source=path.name,
            )
        )
    if not judged and report.n_rows:
        raise TableError(f"no vote in {path} could be used; the first: {report.problems[0]}")
    with workspace.writing() as tx:
        outcome = db.judgements.add(tx, judged)
    report.n_new, report.n_known = len(outcome.new), len(outcome.known)
    report.n_annotators = len(annotators)
    return report


def _votes(workspace: Workspace, row: Mapping[str, str], dimension: str) -> dict[str, str]:
    scheme = workspace.scheme
    named = {name: row[name] for name in scheme.dimensions if name in row}
    value = column(row, *_VALUE)
    if value is not None:
        named[row.get("dimension", dimension)] = value
    if not named:
        raise SchemeError(
            f"no value (columns: {', '.join(row)}); one of {', '.join(_VALUE)} is needed"
        )
    return {name: scheme.parse_value(name, text) for name, text in named.items()}


def _annotator(row: Mapping[str, str]) -> str:
    text = column(row, *_ANNOTATOR)
    if text is None:
        raise ValueError(f"no annotator; a column {' or '.join(_ANNOTATOR)} is needed")
    return text

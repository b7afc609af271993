"""Everything that was judged, as tables in a zip: CSV, JSON Lines or Parquet."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO, Any

import pandas as pd

import db.adjudications
import db.audit
import db.batches
import db.guidelines
import db.judgements
import db.segments
from annotation.desk.desk import Desk
from annotation.desk.errors import DeskError, NotFoundError
from labels.gold import gold as gold_of
from labels.gold import gold_ratings
from labels.judgements import Judgement
from labels.scheme import Scheme

FORMS = ("csv", "jsonl", "parquet")

Rows = list[dict[str, Any]]


def export(
    desk: Desk, by: str, form: str, file: IO[bytes], batch_id: str | None = None
) -> dict[str, int]:
    """Write every table, of one batch or of all, as a zip into `file`; rows by table.

    Tables: judgements (all of them, with whether they stand), marks, adjudications, gold, batches,
    segments, guidelines. Raises DeskError for an unknown form, NotFoundError for an unknown batch.
    """
    if form not in FORMS:
        raise DeskError(f"form {form!r} is not one of {', '.join(FORMS)}")
    tables = _tables(desk, batch_id)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (columns, rows) in tables.items():
            archive.writestr(f"{name}.{form}", _AS[form](columns, rows))
    counts = {name: len(rows) for name, (_, rows) in tables.items()}
    with desk.workspace.writing() as tx:
        detail = {"form": form, **counts}
        db.audit.note(
            tx, actor=by, action="export", subject=batch_id or "everything", detail=detail
        )
    return counts


def _tables(desk: Desk, batch_id: str | None) -> dict[str, tuple[Sequence[str], Rows]]:
    scheme = desk.workspace.scheme
    with desk.workspace.reading() as tx:
        batches = db.batches.list_batches(tx)
        if batch_id is not None:
            batches = [one for one in batches if one.id == batch_id]
            if not batches:
                raise NotFoundError(f"there is no batch {batch_id!r}")
        said = db.judgements.read(tx, on_batch=batch_id, standing_only=False)
        counting = {one.id for one in db.judgements.read(tx, on_batch=batch_id)}
        decisions = db.adjudications.list_decisions(tx, batch_id=batch_id)
        pool = db.segments.frame(tx, consented_only=False)
        items = [item for one in batches for item in db.batches.items(tx, one.id)]
        texts = db.guidelines.list_versions(tx)
    if batch_id is not None:
        pool = pool[pool["segment_id"].isin({item.segment_id for item in items})]
    stands = [one for one in said if one.id in counting]
    return {
        "judgements": (
            _judgement_columns(scheme),
            [_row(one, scheme, one.id in counting) for one in said],
        ),
        "marks": _marks(said, scheme),
        "adjudications": _of(
            decisions, "id batch_id segment_id judgement_id reason decided_by decided_at"
        ),
        "gold": _gold(stands, scheme),
        "batches": _of(batches, "id round_number state n_items overlap created_at completed_at"),
        "batch_items": _of(items, "batch_id segment_id rank purpose reason score n_extra"),
        "segments": _segments(pool),
        "guidelines": _of(texts, "version text remark created_by created_at"),
    }


def _judgement_columns(scheme: Scheme) -> list[str]:
    return [
        "id", "batch", "segment", "annotator", "role", *scheme.dimensions, "emotion_class",
        "secondary", "verdict", "note", "counts", "purpose", "guideline_version", "duration_s",
        "judged_at", "source",
    ]  # fmt: skip


def _row(one: Judgement, scheme: Scheme, counts: bool) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: float(value) if name != "emotion" else value for name, value in one.values.items()
    }
    return {
        "id": one.id,
        "batch": one.batch_id,
        "segment": one.segment_id,
        "annotator": one.annotator,
        "role": one.role,
        **{name: values.get(name) for name in scheme.dimensions},
        "emotion_class": _class(one, scheme),
        "secondary": "|".join(one.secondary) or None,
        "verdict": one.verdict,
        "note": one.note,
        "counts": counts,
        "purpose": one.purpose,
        "guideline_version": one.guideline_version,
        "duration_s": one.duration_s,
        "judged_at": one.judged_at,
        "source": one.source,
    }


def _class(one: Judgement, scheme: Scheme) -> str | None:
    """The class of a judgement's emotion; None where an older scheme's is not known any more."""
    try:
        return scheme.basic(one.values["emotion"])
    except (KeyError, ValueError):
        return None


def _marks(said: Sequence[Judgement], scheme: Scheme) -> tuple[Sequence[str], Rows]:
    columns = ["judgement", "segment", "annotator", "start_s", "end_s", *scheme.dimensions]
    return columns, [
        {
            "judgement": one.id,
            "segment": one.segment_id,
            "annotator": one.annotator,
            "start_s": mark.start_s,
            "end_s": mark.end_s,
            **{name: mark.values.get(name) for name in scheme.dimensions},
        }
        for one in said
        for mark in one.marks
    ]


def _gold(said: Sequence[Judgement], scheme: Scheme) -> tuple[Sequence[str], Rows]:
    """Gold by the scheme's rule, as a round uses it: a row a segment that has any."""
    emotions = gold_of(said, scheme)["emotion"]
    ratings = gold_ratings(said, scheme)
    segments = sorted({*emotions, *(one for of in ratings.values() for one in of)})
    scales = [scale.name for scale in scheme.scales]
    rows: Rows = [
        {
            "segment": one,
            "emotion": scheme.classes[emotions[one]] if one in emotions else None,
            **{name: ratings[name].get(one) for name in scales},
        }
        for one in segments
    ]
    return ["segment", "emotion", *scales], rows


def _segments(pool: pd.DataFrame) -> tuple[Sequence[str], Rows]:
    columns = [str(name) for name in pool.columns]
    known = pool.astype(object).where(pool.notna(), None)
    return columns, [dict(zip(columns, row, strict=True)) for row in known.itertuples(index=False)]


def _of(records: Sequence[Any], names: str) -> tuple[Sequence[str], Rows]:
    columns = names.split()
    return columns, [{name: getattr(one, name) for name in columns} for one in records]


def _csv(columns: Sequence[str], rows: Rows) -> bytes:
    frame = pd.DataFrame(
        [[_text(row.get(c)) for c in columns] for row in rows], columns=list(columns)
    )
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _jsonl(columns: Sequence[str], rows: Rows) -> bytes:
    lines = (
        json.dumps({c: _plain(row.get(c)) for c in columns}, ensure_ascii=False) for row in rows
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(columns: Sequence[str], rows: Rows) -> bytes:
    frame = pd.DataFrame([[row.get(c) for c in columns] for row in rows], columns=list(columns))
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


_AS: dict[str, Callable[[Sequence[str], Rows], bytes]] = {
    "csv": _csv, "jsonl": _jsonl, "parquet": _parquet,
}  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _text(value: Any) -> Any:
    """What begins like a formula would be one in a spreadsheet: an apostrophe makes it text."""
    value = _plain(value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value

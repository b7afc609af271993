"""What annotators are to go by: versions of a text, each kept."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from db.desk_records import Guideline, GuidelineExample
from db.inserting import insert_new
from db.schema import guideline, guideline_example

_COLUMNS = [guideline.c[name] for name in Guideline.__dataclass_fields__]
_NEWEST = sa.select(sa.func.max(guideline.c.version))


def add(
    tx: Connection,
    text: str,
    *,
    remark: str,
    by: str,
    examples: Sequence[GuidelineExample] = (),
) -> int:
    """Store a new version with its examples; returns its number."""
    while True:
        version = (current_version(tx) or 0) + 1
        row = {"version": version, "text": text, "remark": remark, "created_by": by}
        if insert_new(tx, guideline, [{**row, "created_at": datetime.now(UTC)}]):
            break
    shown = [
        {"guideline_version": version, "nth": nth, **vars(one)}
        for nth, one in enumerate(examples, start=1)
    ]
    insert_new(tx, guideline_example, shown)
    return version


def examples(tx: Connection, version: int) -> list[GuidelineExample]:
    """The examples of a version, in their order."""
    query = (
        sa.select(*(guideline_example.c[name] for name in GuidelineExample.__dataclass_fields__))
        .where(guideline_example.c.guideline_version == version)
        .order_by(guideline_example.c.nth)
    )
    return [GuidelineExample(**row._mapping) for row in tx.execute(query)]


def example_segments(tx: Connection) -> set[str]:
    """Segments that any version shows as an example."""
    return set(tx.scalars(sa.select(guideline_example.c.segment_id).distinct()))


def current_version(tx: Connection) -> int | None:
    """The number of the newest version, or None where nothing is written yet."""
    newest: int | None = tx.scalar(_NEWEST)
    return newest


def get(tx: Connection, version: int) -> Guideline | None:
    """A version."""
    query = sa.select(*_COLUMNS).where(guideline.c.version == version)
    row = tx.execute(query).one_or_none()
    return None if row is None else Guideline(**row._mapping)


def list_versions(tx: Connection) -> list[Guideline]:
    """All versions, oldest first."""
    rows = tx.execute(sa.select(*_COLUMNS).order_by(guideline.c.version))
    return [Guideline(**row._mapping) for row in rows]

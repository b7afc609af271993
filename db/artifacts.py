"""Which recomputable files there are, and what each was made from."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import upsert
from db.records import Artifact
from db.schema import artifact

_COLUMNS = [artifact.c[name] for name in Artifact.__dataclass_fields__]


def register(
    tx: Connection,
    *,
    id: str,  # noqa: A002  (the record's own word)
    kind: str,
    version: str,
    path: str,
    n_rows: int,
    made_from: Mapping[str, Any],
    round_number: int | None = None,
) -> None:
    """Make a file count. Registered again under its id, the record stays, but for where the file
    lies and how many rows it has: it may have been made anew."""
    row = {
        "id": id,
        "kind": kind,
        "version": version,
        "path": path,
        "n_rows": n_rows,
        "made_from": dict(made_from),
        "round_number": round_number,
        "created_at": datetime.now(UTC),
    }
    upsert(tx, artifact, [row], ("path", "n_rows"))


def find(
    tx: Connection, kind: str, *, version: str | None = None, round_number: int | None = None
) -> list[Artifact]:
    """Artifacts of a kind (and version, and round), oldest first."""
    query = sa.select(*_COLUMNS).where(artifact.c.kind == kind)
    if version is not None:
        query = query.where(artifact.c.version == version)
    if round_number is not None:
        query = query.where(artifact.c.round_number == round_number)
    rows = tx.execute(query.order_by(artifact.c.created_at, artifact.c.id))
    return [Artifact(**row._mapping) for row in rows]


def get(tx: Connection, identity: str) -> Artifact | None:
    """An artifact by id, or None."""
    row = tx.execute(sa.select(*_COLUMNS).where(artifact.c.id == identity)).one_or_none()
    return None if row is None else Artifact(**row._mapping)

"""Which recomputable files there are, and what each was made from."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import insert_new
from db.records import Artifact
from db.schema import artifact


def register(
    tx: Connection,
    *,
    id: str,  # noqa: A002  (the record's own word)
    kind: str,
    version: str,
    path: str,
    n_rows: int,
    made_from: Mapping[str, Any],
) -> None:
    """Make a file count. Registered again under its id, nothing changes."""
    row = {
        "id": id,
        "kind": kind,
        "version": version,
        "path": path,
        "n_rows": n_rows,
        "made_from": dict(made_from),
        "created_at": datetime.now(UTC),
    }
    insert_new(tx, artifact, [row])


def find(tx: Connection, kind: str, *, version: str | None = None) -> list[Artifact]:
    """Artifacts of a kind (and version), oldest first."""
    query = sa.select(artifact).where(artifact.c.kind == kind)
    if version is not None:
        query = query.where(artifact.c.version == version)
    rows = tx.execute(query.order_by(artifact.c.created_at, artifact.c.id))
    return [Artifact(**{f: getattr(row, f) for f in Artifact.__dataclass_fields__}) for row in rows]

"""Labels that came with a corpus. A round does not read them; evaluation and simulation do."""

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from db.inserting import parts, upsert
from db.records import ReferenceLabel
from db.schema import reference_label


def add(tx: Connection, labels: Sequence[ReferenceLabel]) -> int:
    """Store labels; a corrected one replaces what the same source said before. Returns how many
    are new."""
    keyed = {(one.segment_id, one.dimension, one.source): asdict(one) for one in labels}
    known: set[tuple[str, str, str]] = set()
    columns = (
        reference_label.c.segment_id,
        reference_label.c.dimension,
        reference_label.c.source,
    )
    for some in parts(list({key[0] for key in keyed})):
        rows = tx.execute(sa.select(*columns).where(columns[0].in_(some)))
        known.update((row[0], row[1], row[2]) for row in rows)
    upsert(tx, reference_label, list(keyed.values()), ("value",))
    return len(keyed.keys() - known)


def frame(tx: Connection, dimension: str | None = None) -> pd.DataFrame:
    """Reference labels: segment_id, dimension, value (text), source; sorted."""
    c = reference_label.c
    query = sa.select(c.segment_id, c.dimension, c.value, c.source).order_by(
        c.segment_id, c.dimension, c.source
    )
    if dimension is not None:
        query = query.where(c.dimension == dimension)
    return pd.DataFrame(
        tx.execute(query).all(),
        columns=["segment_id", "dimension", "value", "source"],
        dtype=object,
    )

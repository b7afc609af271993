"""Labels that came with a corpus. A round does not read them; evaluation and simulation do."""

from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection

from db.frames import read_frame
from db.inserting import insert_new, upsert
from db.records import ReferenceLabel
from db.schema import reference_label


def add(tx: Connection, labels: Sequence[ReferenceLabel]) -> int:
    """Store labels; a corrected one replaces what the same source said before. Returns how many
    are new."""
    keyed = {(one.segment_id, one.dimension, one.source): vars(one) for one in labels}
    new = {tuple(row) for row in insert_new(tx, reference_label, list(keyed.values()))}
    upsert(tx, reference_label, [row for key, row in keyed.items() if key not in new], ("value",))
    return len(new)


def frame(tx: Connection, dimension: str | None = None) -> pd.DataFrame:
    """Reference labels: segment_id, dimension, value, source (all text); sorted by the others."""
    c = reference_label.c
    query = sa.select(c.segment_id, c.dimension, c.value, c.source)
    if dimension is not None:
        query = query.where(c.dimension == dimension)
    # Not sorted by the database: PostgreSQL's order depends on its locale.
    table = read_frame(tx, query)
    return table.sort_values(["segment_id", "dimension", "source"], ignore_index=True)

"""The pool: the segments that are labelled."""

import pandas as pd

import db.segments
from rounds.workspace import Workspace


def read(workspace: Workspace) -> pd.DataFrame:
    """Consented segments in order of arrival, as db.segments.frame.

    A segment that was cut into smaller ones stands for its children and is left out.
    """
    with workspace.reading() as tx:
        frame = db.segments.frame(tx)
    parents = set(frame["parent_id"].dropna())
    return frame[~frame["segment_id"].isin(parents)].reset_index(drop=True)

"""The pool: the segments that are labelled."""

import pandas as pd

import db.recordings
import db.segments
from rounds.workspace import Workspace


def read(workspace: Workspace) -> pd.DataFrame:
    """Consented segments in order of arrival, as db.segments.frame.

    A segment that was cut into smaller ones stands for its children and is left out; so is what
    lay in a file that holds another sound now.
    """
    with workspace.reading() as tx:
        frame = db.segments.frame(tx)
        replaced = db.recordings.replaced(tx)
    parents = set(frame["parent_id"].dropna())
    gone = frame["segment_id"].isin(parents) | frame["recording_id"].isin(replaced)
    return frame[~gone].reset_index(drop=True)


def check_speech(workspace: Workspace) -> None:
    """Raises ValueError where the pool is empty: no round should begin."""
    if read(workspace).empty:
        raise ValueError("there is no speech yet; `undertone ingest SOURCE` brings some in")

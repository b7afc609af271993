"""Conversations: which segments follow one another, and how each differs from those around it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audio.neighbours import among_neighbours

SEEN = (
    "f0_semitone_mean", "f0_semitone_range", "loudness_db_mean", "alpha_ratio_db_mean",
    "hnr_db_mean", "syllable_rate_per_s", "pause_fraction",
)  # fmt: skip
"""Features that a segment is told apart from its neighbours by."""


def neighbour_columns(pool: pd.DataFrame, z: pd.DataFrame) -> pd.DataFrame:
    """`NAME_z_vs_before` and `NAME_z_vs_after` of every feature in SEEN, rows as in `pool`.

    Each is the segment's value less the mean of up to two segments before it, or after it, in its
    conversation: its session, or else its recording. `z` has the normalised features of the
    segments, so that the turns of two voices can be told apart by more than the voice. NaN where a
    segment has no neighbour.
    """
    names = [f"{name}_z" for name in SEEN]
    conversation, order = ordered(pool)
    seen = among_neighbours(z[names].to_numpy()[order], conversation[order].tolist())
    found = np.empty_like(seen)
    found[order] = seen
    columns = [f"{name}_vs_{side}" for side in ("before", "after") for name in names]
    return pd.DataFrame(found, index=z.index, columns=columns, dtype=np.float32)


def ordered(pool: pd.DataFrame) -> tuple[NDArray[np.str_], NDArray[np.intp]]:
    """The conversation (n,) of each segment, and the order (n,) in which all of them are spoken.

    Within a session turns follow their number where they have one, else the order in which their
    recordings came in; within a recording, time.
    """
    recording = pool["recording_id"].astype(str)
    if "session" in pool:
        session = pool["corpus"].astype(str) + "/" + pool["session"].astype(str)
        conversation = recording.where(pool["session"].isna(), session)
    else:
        conversation = recording
    turn = pd.to_numeric(pool["turn"], errors="coerce") if "turn" in pool else np.nan
    keys = pd.DataFrame(
        {
            "conversation": conversation.to_numpy(),
            "turn": np.asarray(turn, dtype=float),
            "recording": pd.factorize(recording)[0],
            "start_s": pool["start_s"].to_numpy(dtype=float),
        }
    )
    order = keys.sort_values(list(keys), kind="stable").index.to_numpy()
    return conversation.to_numpy(dtype=str), order

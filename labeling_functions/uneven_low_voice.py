"""An irregular voice on a low pitch."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def uneven_low_voice(table: pd.DataFrame) -> VoteColumn:
    """Periods of uneven length on a low pitch: creak and lax folds, not excitement.

    Excitement makes voices uneven too, but high; only the low ones are voted on.
    Source: Gobl & Ní Chasaide 2003 (creaky and lax-creaky voice: sad, bored, relaxed); Juslin &
    Laukka 2003 (jitter).
    """
    uneven = (table["jitter_percent_mean_z"] > 0.5) & (table["f0_semitone_mean_z"] < 0)
    return cases(table, (uneven, {"disgust", "neutral", "sadness"}))

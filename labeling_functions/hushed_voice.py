"""Quiet and soft."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def hushed_voice(table: pd.DataFrame) -> VoteColumn:
    """Quieter than this speaker's usual, and softer in timbre too: sadness or fear.

    Level alone would also hear a step away from the microphone; with the timbre it does not.
    Useless where recordings were levelled, but then the timbre alone seldom makes it vote.
    Source: Juslin & Laukka 2003 (sadness and mild fear: low intensity, little high frequency).
    """
    hushed = (table["loudness_db_mean_z"] < -0.6) & (table["alpha_ratio_db_mean_z"] > 0.2)
    return cases(table, (hushed, {"fear", "sadness"}))

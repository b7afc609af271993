"""Arousal, from the height of the voice."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="arousal")
def arousal_of_pitch(table: pd.DataFrame) -> VoteColumn:
    """High pitch for this speaker is high arousal, low pitch low or middling.

    Source: Laukka, Juslin & Bresin 2005 (activation: mean F0 the first cue); Scherer 2003.
    """
    height = table["f0_semitone_mean_z"]
    return cases(
        table,
        (height > 0.5, "high"),
        (height < -0.6, {"low", "mid"}),
    )

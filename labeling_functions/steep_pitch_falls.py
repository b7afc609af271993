"""Pitch that falls steeply from a height."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def steep_pitch_falls(table: pd.DataFrame) -> VoteColumn:
    """Falls of pitch much steeper than usual from high peaks: lively, not calm, and not afraid.

    Source: Juslin & Laukka 2003 (F0 contours); Eyben et al. 2016 (slopes of falling F0 parts).
    """
    steep = (table["f0_fall_st_per_s_mean_z"] < -0.6) & (table["f0_semitone_p80_z"] > 0.4)
    return cases(table, (steep, {"anger", "happiness", "surprise"}))

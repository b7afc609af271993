"""A low voice without overtones."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def dull_voice(table: pd.DataFrame) -> VoteColumn:
    """Level falls off steeply above the fundamental, and the pitch is low: lax folds, sadness.

    Source: Scherer 1986 (lax voice in sadness); Eyben et al. 2016, The Geneva minimalistic
    acoustic parameter set (spectral slope 0-500 Hz).
    """
    dull = (table["slope_0_500_db_per_khz_mean_z"] < -0.9) & (table["f0_semitone_mean_z"] < 0)
    return cases(table, (dull, "sadness"))

"""Arousal, from the balance of the spectrum."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="arousal")
def arousal_of_timbre(table: pd.DataFrame) -> VoteColumn:
    """Vocal effort lifts the high frequencies against the low ones; a lax voice loses them.

    Source: Laukka, Juslin & Bresin 2005 (activation: high-frequency energy); Eyben et al. 2016.
    """
    effort = (
        table["spectral_tilt_db_per_octave_mean_z"] + table["slope_0_500_db_per_khz_mean_z"]
    ) / 2
    return cases(
        table,
        (effort > 0.5, "high"),
        (effort < -1.0, "low"),
        (effort < -0.5, {"low", "mid"}),
    )

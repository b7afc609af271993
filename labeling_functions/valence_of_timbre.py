"""Valence, from the force of the voice."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="valence")
def valence_of_timbre(table: pd.DataFrame) -> VoteColumn:
    """A dull or a sharp, level voice sounds unpleasant; one that rings and moves, pleasant.

    Source: Goudbeek & Scherer 2010 (negative valence: steeper spectra at low, sharper ones at
    high arousal); Laukka, Juslin & Bresin 2005.
    """
    dull = table["slope_0_500_db_per_khz_mean_z"] < -0.9
    sharp = table["high_band_db_mean_z"] > 0.9
    level = table["f0_semitone_range_z"] < 0.2
    ringing = table["slope_0_500_db_per_khz_mean_z"] > 0.6
    moving = table["f0_semitone_range_z"] > 0.4
    mild = table["high_band_db_mean_z"] < 0.4
    return cases(
        table,
        (dull, {"low", "mid"}),
        (sharp & level, {"low", "mid"}),
        (ringing & moving & mild, "high"),
    )

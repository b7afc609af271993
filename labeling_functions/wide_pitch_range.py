"""Pitch that goes high and moves widely."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def wide_pitch_range(table: pd.DataFrame) -> VoteColumn:
    """Peaks of pitch high above this speaker's usual and a wide range: happiness, surprise.

    Anger has such pitch too, but with a pressed voice: where the voice is sharp as well it is
    allowed, too.
    Source: Juslin & Laukka 2003 (F0 variability high in happiness, surprise and anger); Scherer
    2003, Vocal communication of emotion.
    """
    wide = (table["f0_semitone_range_z"] > 0.5) & (table["f0_semitone_p80_z"] > 0.6)
    mild = table["alpha_ratio_db_mean_z"] > -0.3
    return cases(
        table,
        (wide & mild, {"happiness", "surprise"}),
        (wide, {"anger", "happiness", "surprise"}),
    )

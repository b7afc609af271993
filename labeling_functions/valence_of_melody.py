"""Valence, from the melody of the voice."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="valence")
def valence_of_melody(table: pd.DataFrame) -> VoteColumn:
    """A wide, high melody in a voice that is not pressed sounds pleasant; a level one does not.

    Valence is what voices tell least; this votes rarely.
    Source: Scherer 2003; Goudbeek & Scherer 2010, Beyond arousal: valence and potency/control
    cues in the vocal expression of emotion.
    """
    wide = (table["f0_semitone_range_z"] > 0.5) & (table["f0_semitone_p80_z"] > 0.6)
    pressed = (table["alpha_ratio_db_mean_z"] < -0.6) & (table["high_band_db_mean_z"] > 0.6)
    tense = (table["f0_semitone_p20_z"] > 0.5) & (table["f0_semitone_range_z"] < -0.2)
    return cases(table, (wide & ~pressed, {"mid", "high"}), (tense, "low"))

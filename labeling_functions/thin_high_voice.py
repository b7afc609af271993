"""A high voice without force."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def thin_high_voice(table: pd.DataFrame) -> VoteColumn:
    """Pitch raised, but little energy above 1 kHz: high without being strong, as in fear.

    With a level pitch the vote is fear; with a moving one surprise or joy may sound like it.
    Source: Laukka, Juslin & Bresin 2005, A dimensional approach to vocal expression of emotion;
    Juslin & Laukka 2003 (fear: high F0, little high-frequency energy at low intensity).
    """
    thin = (table["alpha_ratio_db_mean_z"] > 0.3) & (table["f0_semitone_mean_z"] > 0.2)
    level = table["f0_semitone_range_z"] < 0.2
    return cases(table, (thin & level, "fear"), (thin, {"fear", "happiness", "surprise"}))

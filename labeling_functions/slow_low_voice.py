"""Slow speech on a low pitch."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def slow_low_voice(table: pd.DataFrame) -> VoteColumn:
    """Fewer syllables a second than this speaker's usual, on a low pitch: sadness.

    Source: Juslin & Laukka 2003 (sadness: slow speech rate, low F0); Williams & Stevens 1972,
    Emotions and speech.
    """
    slow = (table["syllable_rate_per_s_z"] < -0.5) & (table["f0_semitone_mean_z"] < -0.2)
    return cases(table, (slow, "sadness"))

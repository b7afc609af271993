"""Arousal, from the pace of speech."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="arousal")
def arousal_of_tempo(table: pd.DataFrame) -> VoteColumn:
    """Few syllables a second and little voicing are low arousal; the reverse is not low.

    Source: Juslin & Laukka 2003 (speech rate high in anger, fear and happiness, low in sadness).
    """
    pace = (table["syllable_rate_per_s_z"] + table["voiced_fraction_z"]) / 2
    return cases(table, (pace < -0.8, {"low", "mid"}), (pace > 0.6, {"mid", "high"}))

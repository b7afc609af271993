"""A voice whose first overtones ring."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def ringing_voice(table: pd.DataFrame) -> VoteColumn:
    """The level rises towards 500 Hz much more than usual: a raised, open-mouthed, strong voice.

    Source: Eyben et al. 2016 (spectral slope 0-500 Hz, the strongest timbre cue of arousal);
    Tartter 1980, Happy talk (smiling and open vowels raise the formants).
    """
    ringing = table["slope_0_500_db_per_khz_mean_z"] > 0.8
    return cases(table, (ringing, {"anger", "happiness", "surprise"}))

"""The whole pitch raised, but held level."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def raised_level_pitch(table: pd.DataFrame) -> VoteColumn:
    """Even the low end of the pitch is high, and it hardly moves: tension, so fear or anger.

    Source: Scherer 1986, Vocal affect expression (tense muscles raise the floor of F0); Banse &
    Scherer 1996 (panic fear: F0 highest, variability low).
    """
    tense = (table["f0_semitone_p20_z"] > 0.5) & (table["f0_semitone_range_z"] < -0.2)
    return cases(table, (tense, {"anger", "fear"}))

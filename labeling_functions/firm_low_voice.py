"""Low, but neither slow nor soft: the ordinary voice."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def firm_low_voice(table: pd.DataFrame) -> VoteColumn:
    """Pitch below this speaker's mean over all emotions, at an ordinary rate, with a firm voice.

    The pitch of ordinary speech lies low, for most emotions raise it; sadness lowers it as well,
    but is slow, dull and breathy.
    Source: Banse & Scherer 1996; Juslin & Laukka 2003 (emotions as departures from neutral).
    """
    firm = (
        (table["f0_semitone_mean_z"] < -0.4)
        & (table["slope_0_500_db_per_khz_mean_z"] > -0.6)
        & (table["h1_h2_db_mean_z"] < 0.2)
        & (table["syllable_rate_per_s_z"] > -0.5)
    )
    return cases(table, (firm, "neutral"))

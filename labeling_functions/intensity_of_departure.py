"""Intensity, from how far a clip is from the speaker's usual."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="intensity")
def intensity_of_departure(table: pd.DataFrame) -> VoteColumn:
    """Far from this speaker's usual in pitch and timbre at once is strong, an ordinary voice weak.

    The ordinary voice is low (most emotions raise the pitch), but neither dull nor breathy.

    Source: Juslin & Laukka 2001, Impact of intended emotion intensity on cue utilization and
    decoding accuracy in vocal expression of emotion.
    """
    lift = (
        table["f0_semitone_mean_z"]
        + table["f0_semitone_p80_z"]
        + table["slope_0_500_db_per_khz_mean_z"]
    ) / 3
    ordinary = (
        (table["f0_semitone_mean_z"] < -0.4)
        & (table["slope_0_500_db_per_khz_mean_z"] > -0.6)
        & (table["h1_h2_db_mean_z"] < 0.2)
    )
    return cases(
        table, (lift > 0.9, "high"), (lift < -1.3, {"mid", "high"}), (ordinary, {"low", "mid"})
    )

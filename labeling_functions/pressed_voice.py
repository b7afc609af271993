"""A pressed, sharp voice."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="emotion")
def pressed_voice(table: pd.DataFrame) -> VoteColumn:
    """Much energy above 1 kHz for this speaker: the vocal folds close hard and fast.

    With a raised but level pitch that is hot anger; with a moving one it may be joy or surprise
    as well; with a low one it is cold anger, contempt or just a firm voice.
    Source: Banse & Scherer 1996 (hot anger: high-frequency energy); Gobl & Ní Chasaide 2003, The
    role of voice quality in communicating emotion, mood and attitude.
    """
    pressed = (
        table["high_band_db_mean_z"] - table["alpha_ratio_db_mean_z"] - table["h1_a3_db_mean_z"]
    ) / 3 > 0.7
    raised = table["f0_semitone_mean_z"] > 0
    level = table["f0_semitone_range_z"] < 0.2
    lowered = table["f0_semitone_mean_z"] <= 0
    return cases(
        table,
        (pressed & raised & level, "anger"),
        (pressed & raised, {"anger", "happiness", "surprise"}),
        (pressed & lowered, {"anger", "disgust", "neutral"}),
    )

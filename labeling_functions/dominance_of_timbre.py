"""Dominance, from the firmness of the voice."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function


@labeling_function(on="dominance")
def dominance_of_timbre(table: pd.DataFrame) -> VoteColumn:
    """A firm, strong voice sounds in control, a soft and breathy one does not.

    Source: Goudbeek & Scherer 2010 (potency: intensity and spectral balance); Laukka, Juslin &
    Bresin 2005.
    """
    softness = (
        table["h1_a3_db_mean_z"] + table["alpha_ratio_db_mean_z"] + table["h1_h2_db_mean_z"]
    ) / 3
    return cases(table, (softness > 0.6, "low"), (softness < -0.5, {"mid", "high"}))

"""Labelling functions: one idea a file, voting on a whole table of clips at once.

A file in this folder, or in a folder of your own, holds a plain function over a table::

    from labeling_functions import cases, labeling_function

    @labeling_function(on="emotion")
    def shouting(table):
        \"\"\"Loud and pressed for this speaker.\"\"\"
        loud = table["loudness_db_mean_z"] > 1.0
        return cases(table, (loud, {"anger", "happiness", "fear"}))

The table has one row a segment: every acoustic feature of `audio.features` by its name, the same
normalised per speaker as `NAME_z`, some of these less the segments before or behind this one in
its conversation as `NAME_z_vs_before` and `NAME_z_vs_after`, and speaker, gender, age, language,
dialect, style, session, turn, transcript and duration_s (None or NaN where not known).
"""

from labeling_functions.machinery.analysis import analysis, check
from labeling_functions.machinery.applying import Applied, apply
from labeling_functions.machinery.columns import VoteColumn, cases
from labeling_functions.machinery.function import LabelingFunction, labeling_function
from labeling_functions.machinery.loading import Loaded, load
from labeling_functions.machinery.problems import Problem
from labeling_functions.machinery.redundancy import redundancy
from labeling_functions.machinery.thresholds import Threshold, fit_threshold

__all__ = [
    "Applied",
    "LabelingFunction",
    "Loaded",
    "Problem",
    "Threshold",
    "VoteColumn",
    "analysis",
    "apply",
    "cases",
    "check",
    "fit_threshold",
    "labeling_function",
    "load",
    "redundancy",
]

"""Laughter, sobs and screams that a transcriber noted."""

import pandas as pd

from labeling_functions import VoteColumn, cases, labeling_function

OPEN, CLOSE = r"[\[(<{*]\s*[^\])>}*]*\b(?:", r")[^\])>}*]*[\])>}*]"
LAUGHTER = r"laugh\w*|giggl\w*|chuckl\w*|lach\w*|gelächter|kicher\w*|śmiech\w*|śmiej\w*"
SOBBING = r"sob\w*|cry|crying|cries|weep\w*|sniffl\w*|wein\w+|schluchz\w*|płacz\w*|szloch\w*"
SCREAM = r"scream\w*|shriek\w*|shout\w*|yell\w*|schrei\w*|kreisch\w*|krzyk\w*|krzycz\w*|wrzask\w*"
SIGH = r"sigh\w*|seufz\w*|westch\w*|wzdych\w*"


@labeling_function(on="emotion")
def nonverbal_sounds(table: pd.DataFrame) -> VoteColumn:
    """The transcript notes a laugh, a sob, a scream or a sigh in brackets, as in "[laughter]".

    Reads (round), [square], <angle>, {curly} brackets and *stars*, in English, German and Polish
    whatever the language of speech, for notes are often in another. Abstains without a note.
    Source: Sauter et al. 2010, Perceptual cues in nonverbal vocal expressions of emotion.
    """
    spoken = table["transcript"].astype(object).where(table["transcript"].notna(), "")
    notes = spoken[spoken.str.contains(r"[\[(<{*]").astype(bool)]

    def noted(what: str) -> "pd.Series[bool]":
        found = notes.str.contains(OPEN + what + CLOSE, case=False)
        return found.astype(bool).reindex(table.index, fill_value=False)

    return cases(
        table,
        (noted(SOBBING), {"sadness", "fear"}),
        (noted(LAUGHTER), "happiness"),
        (noted(SCREAM), {"anger", "fear", "surprise"}),
        (noted(SIGH), {"sadness", "neutral"}),
    )

"""Whose usual can be trusted: speakers who show one emotion have none apart from it."""

import pandas as pd

from labels.confounding import Confounding, confounding
from rounds.artifacts import Made
from rounds.snapshot import gold_of
from rounds.workspace import Workspace


def of(workspace: Workspace, snapshot: Made) -> Confounding:
    """What the gold of training speakers says; held-out gold judges models and nothing else."""
    pool = snapshot.frame("pool")
    gold = pool["segment_id"].map(gold_of(workspace, snapshot)[0])
    gold = gold.where(pool["split"] != "held_out")
    return confounding(gold.fillna(-1).to_numpy(dtype=int), pool["speaker_id"].tolist())


def apart(alike: Confounding, pool: pd.DataFrame) -> frozenset[str]:
    """The speakers (ids) whose features are not to be normalised by their own usual."""
    return frozenset(pool["speaker_id"] if alike.is_general else alike.single)


def notes(alike: Confounding, pool: pd.DataFrame) -> list[str]:
    """What a report says of it: one line, or none where there is nothing to say."""
    if not alike.single:
        return []
    called = pool.dropna(subset="speaker").drop_duplicates("speaker_id")
    return [alike.note(dict(zip(called["speaker_id"], called["speaker"], strict=True)))]

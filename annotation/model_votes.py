"""The model as one more rater: what it says of voices it never heard, beside what people said."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

import db.rounds
from annotation.tables import TableError
from annotation.vote_tables import VoteTable, in_order
from rounds.artifacts import get
from rounds.workspace import Workspace

MODEL = "the model"


def model_says(workspace: Workspace, dimension: str) -> dict[str, str]:
    """What the last finished round's model says of held-out speakers' segments, by segment id.

    The likeliest class, or the nearest step of a scale, in the words of the scheme. Raises
    TableError where no round is finished.
    """
    with workspace.reading() as tx:
        done = [one for one in db.rounds.list_rounds(tx) if one.finished_at]
        results = db.rounds.results(tx, done[-1].number) if done else {}
    if "score" not in results:
        raise TableError("no round is finished yet: there is no model to compare with people")
    frame = get(workspace, *results["score"]["artifact"]).frame().set_index("segment_id")
    pool = get(workspace, *results["votes"]["snapshot"]).frame("pool").set_index("segment_id")
    held_out = pool.index[pool["split"] == "held_out"].intersection(frame.index)
    return _in_words(workspace, frame.loc[held_out], dimension)


def _in_words(workspace: Workspace, said: pd.DataFrame, dimension: str) -> dict[str, str]:
    scheme = workspace.scheme
    if dimension == "emotion":
        proba = said[[f"p_{name}" for name in scheme.classes]].to_numpy()
        words = [scheme.classes[j] for j in proba.argmax(axis=1)]
        return dict(zip(said.index, words, strict=True))
    scale = scheme.scale(dimension)
    mean = said[f"{dimension}_mean"].dropna()
    steps = scale.centres[scale.to_bin(mean.to_numpy())]
    return {item: f"{value:g}" for item, value in zip(mean.index, steps, strict=True)}


def with_model(table: VoteTable, says: Mapping[str, str]) -> tuple[VoteTable, VoteTable]:
    """(people alone, people and the model), both on the items that the model may be asked about.

    Raises TableError where people judged none of them.
    """
    asked = np.array([item in says for item in table.items], dtype=bool)
    kept = asked[table.item]
    if not kept.any():
        raise TableError("nobody has judged a segment of a speaker that the model never heard")
    place = np.cumsum(asked) - 1
    items = tuple(item for item, one in zip(table.items, asked, strict=True) if one)
    people = replace(
        table,
        items=items,
        item=place[table.item[kept]],
        annotator=table.annotator[kept],
        value=table.value[kept],
    )
    texts = [*table.values, *dict.fromkeys(w for w in says.values() if w not in table.values)]
    index = {word: i for i, word in enumerate(texts)}
    value = np.concatenate([people.value, [index[says[item]] for item in items]]).astype(np.int64)
    ordered, value = in_order(tuple(texts), value)
    n = len(items)
    both = replace(
        people,
        annotators=(*table.annotators, MODEL),
        values=ordered,
        item=np.concatenate([people.item, np.arange(n)]),
        annotator=np.concatenate([people.annotator, np.full(n, len(table.annotators))]),
        value=value,
    )
    return people, both

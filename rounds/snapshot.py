"""The state of the records that a round works from, frozen: segments and human judgements."""

from pathlib import Path

import pandas as pd

import db.judgements
from labels.gold import gold, gold_ratings
from labels.judgements import Judgement
from rounds.artifacts import Json, Made, digest_frame, make, write_frame
from rounds.pool import read as read_pool
from rounds.workspace import Workspace

KIND = "snapshot"


def take(workspace: Workspace) -> Made:
    """Freeze the pool (consented segments) and the judgements; the same records, the same id.

    Tables: `pool` (as db.segments.frame) and `judgements` (id, segment_id, annotator, role,
    dimension, value, is_verdict, stands): of somebody who judged a segment twice only the later
    stands. Where `is_verdict` holds, no emotion was named and the value says why.
    """
    pool = read_pool(workspace)
    with workspace.reading() as tx:
        said = db.judgements.frame(tx).assign(is_verdict=False)
        verdicts = db.judgements.verdicts(tx).assign(is_verdict=True)
    judgements = pd.concat([said, verdicts], ignore_index=True) if len(verdicts) else said
    judgements = _standing(judgements)

    def build(folder: Path) -> Json:
        write_frame(pool, folder, "pool")
        write_frame(judgements, folder, "judgements")
        return {
            "n_rows": len(pool),
            "n_segments": len(pool),
            "n_speakers": int(pool["speaker_id"].nunique()),
            "n_judgements": int(judgements["id"].nunique()),
            "n_expert_judgements": int(
                judgements.loc[judgements["role"] != "crowd", "id"].nunique()
            ),
        }

    inputs = {
        "pool": digest_frame(pool),
        "judgements": digest_frame(judgements),
        "scheme": workspace.scheme.digest,
    }
    return make(workspace, KIND, "2", inputs, build)


def _standing(judgements: pd.DataFrame) -> pd.DataFrame:
    """Judgements by id, each with whether it stands: as the latest that its author said of a
    dimension of a segment. Adjudicators count as one: the latest of them is heard.
    """
    by_time = judgements.sort_values("judged_at", kind="stable")
    who = by_time["annotator"].mask(by_time["role"] == "adjudicator", "")
    keys = by_time[["segment_id", "role", "dimension"]].assign(who=who)
    return (
        by_time.assign(stands=~keys.duplicated(keep="last"))
        .drop(columns="judged_at")
        .sort_values(["id", "dimension"], ignore_index=True)
    )


def crowd_of(snapshot: Made, dimension: str | None = None) -> pd.DataFrame:
    """The crowd's votes that stand, of one dimension or of all; verdicts are none."""
    frame = snapshot.frame("judgements")
    frame = frame[frame["stands"] & ~frame["is_verdict"] & (frame["role"] == "crowd")]
    return frame if dimension is None else frame[frame["dimension"] == dimension]


def gold_of(workspace: Workspace, snapshot: Made) -> tuple[dict[str, int], pd.DataFrame]:
    """Gold by the scheme's rule: (segment id -> class index, ratings).

    Ratings are a table (index segment_id, a float column a scale, NaN where nobody rated).
    """
    judged = _expert_judgements(snapshot)
    classes = gold(judged, workspace.scheme)["emotion"]
    ratings = gold_ratings(judged, workspace.scheme)
    table = pd.DataFrame(
        {scale.name: ratings.get(scale.name, {}) for scale in workspace.scheme.scales}
    )
    table.index.name = "segment_id"
    return classes, table.astype(float)


def _expert_judgements(snapshot: Made) -> list[Judgement]:
    frame = snapshot.frame("judgements")
    frame = frame[frame["stands"] & frame["role"].isin(["expert", "adjudicator"])]
    said: dict[tuple[str, str, str, str], tuple[dict[str, str], dict[str, str]]] = {}
    columns = ("id", "segment_id", "annotator", "role", "dimension", "value", "is_verdict")
    for *who, dimension, value, is_verdict in zip(*(frame[name] for name in columns), strict=True):
        said.setdefault(tuple(who), ({}, {}))[bool(is_verdict)][dimension] = value
    return [
        Judgement(
            id=identity, segment_id=segment, annotator=annotator, role=role, values=values,
            verdict=verdict.get("emotion"),
        )
        for (identity, segment, annotator, role), (values, verdict) in said.items()
    ]  # fmt: skip

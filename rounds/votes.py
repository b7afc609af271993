"""Votes on every segment of a snapshot: labelling functions and the crowd, side by side."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import labeling_functions
from audio.normalization import by_speaker
from audio.vocabulary import FEATURE_NAMES, FEATURE_VERSION
from labels.agreement import source_summary
from labels.scheme import SchemeError
from labels.votes import Value, Votes
from rounds import features, usual
from rounds.artifacts import Json, Made, digest, make, write_frame
from rounds.conversations import neighbour_columns
from rounds.snapshot import crowd_of
from rounds.workspace import Workspace

KIND = "votes"

_METADATA = (
    "speaker", "gender", "age", "language", "dialect", "style", "session", "turn", "transcript",
    "duration_s",
)  # fmt: skip


def cast(workspace: Workspace, snapshot: Made) -> Made:
    """Apply the labelling functions and read the crowd; one row a vote, abstentions absent.

    Table `data`: item (row in the snapshot's pool), source, kind, dimension, value (class or
    bin indices, joined by |), version. The report names functions that were left out, and why.
    """
    pool = snapshot.frame("pool")
    loaded = labeling_functions.load(workspace.function_dirs)
    known = features.load(workspace, pool["segment_id"].tolist())
    alike = usual.of(workspace, snapshot)
    apart = usual.apart(alike, pool)
    inputs = {
        "snapshot": snapshot.id,
        "features": [FEATURE_VERSION, digest(known.index.tolist())],
        "functions": sorted([f.name, f.on, f.version] for f in loaded.functions),
        "problems": sorted(str(problem) for problem in loaded.problems),
        **({"apart": sorted(apart)} if apart else {}),
    }

    def build(folder: Path) -> Json:
        table = function_table(pool, known, apart)
        applied = labeling_functions.apply(loaded.functions, table, workspace.scheme)
        crowd, notes = crowd_votes(workspace, snapshot, pool)
        frames = [
            _frame(votes, dimension, "function", applied.versions)
            for dimension, votes in applied.votes.items()
        ]
        frames += [_frame(votes, dimension, "crowd", {}) for dimension, votes in crowd.items()]
        frame = pd.concat(frames, ignore_index=True) if frames else _EMPTY
        write_frame(frame, folder)
        problems = [str(problem) for problem in (*loaded.problems, *applied.problems)]
        return {
            "n_rows": len(frame),
            "n_functions": len(loaded.functions),
            "n_votes": len(frame),
            "functions": dict(sorted(applied.versions.items())),
            "problems": problems,
            "notes": [*notes, *usual.notes(alike, pool)],
            "sources": {
                dimension: _summary(read_votes(frame, workspace, len(pool))[dimension])
                for dimension in sorted(set(frame["dimension"]))
            },
        }

    return make(workspace, KIND, "1", inputs, build)


def function_table(
    pool: pd.DataFrame, known: pd.DataFrame, apart: Collection[str] = ()
) -> pd.DataFrame:
    """What a labelling function sees: a row a segment, raw features, `_z` ones, metadata.

    Rows stand in the pool's order; segments without features have NaN there. The `_z` of speakers
    in `apart` (ids) are against the pool, not against themselves. Some have `_z_vs_before` and
    `_z_vs_after`: less the segments around this one (`rounds.conversations`).
    """
    raw = known.reindex(pool["segment_id"])
    scaled = by_speaker(raw.to_numpy(dtype=float), pool["speaker_id"].tolist(), apart)
    z = pd.DataFrame(scaled, index=raw.index, columns=[f"{name}_z" for name in FEATURE_NAMES])
    near = neighbour_columns(pool, z)
    about = pool.set_index("segment_id")
    # duration_s is both an acoustic feature and a fact of the record: the record is exact.
    own = [name for name in _METADATA if name in about]
    raw = raw.drop(columns=[name for name in own if name in raw])
    together = pd.concat([raw, z, near, about[own]], axis=1)
    return together.copy()  # in few blocks of memory, so that columns can be added


def crowd_votes(
    workspace: Workspace, snapshot: Made, pool: pd.DataFrame
) -> tuple[dict[str, Votes], list[str]]:
    """The crowd's votes per dimension, and a line for each kind of vote that was passed over."""
    frame = crowd_of(snapshot)
    row_of = pd.Series(np.arange(len(pool)), index=pool["segment_id"])
    frame = frame[frame["segment_id"].isin(row_of.index)]
    out: dict[str, Votes] = {}
    notes: list[str] = []
    for dimension, rows in frame.groupby("dimension", sort=True):
        if dimension not in workspace.scheme.dimensions:
            notes.append(f"{len(rows)} votes on {dimension}, which the scheme does not have")
            continue
        index_of: dict[str, int | None] = {}
        for value in rows["value"].unique():
            try:
                index_of[value] = workspace.scheme.value_index(str(dimension), value)
            except SchemeError as error:
                index_of[value] = None
                notes.append(f"votes left out: {error}")
        known = rows.assign(index=rows["value"].map(index_of)).dropna(subset="index")
        sources, source = np.unique(known["annotator"].to_numpy(dtype=str), return_inverse=True)
        n_classes = workspace.scheme.n_classes(str(dimension))
        out[str(dimension)] = Votes(
            n_items=len(pool),
            n_classes=n_classes,
            sources=tuple(f"crowd:{name}" for name in sources),
            vocabulary=tuple(frozenset({c}) for c in range(n_classes)),
            item=row_of[known["segment_id"]].to_numpy(dtype=np.int64),
            source=source.astype(np.int64),
            value=known["index"].to_numpy(dtype=np.int64),
        )
    return out, notes


def read_votes(frame: pd.DataFrame, workspace: Workspace, n_items: int) -> dict[str, Votes]:
    """The table of a votes artifact as Votes, for every dimension of the scheme."""
    out: dict[str, Votes] = {}
    for dimension in workspace.scheme.dimensions:
        rows = frame[frame["dimension"] == dimension]
        sources, source = np.unique(rows["source"].to_numpy(dtype=str), return_inverse=True)
        texts, value = np.unique(rows["value"].to_numpy(dtype=str), return_inverse=True)
        out[dimension] = Votes(
            n_items=n_items,
            n_classes=workspace.scheme.n_classes(dimension),
            sources=tuple(str(name) for name in sources),
            vocabulary=tuple(frozenset(int(c) for c in text.split("|")) for text in texts),
            item=rows["item"].to_numpy(dtype=np.int64),
            source=source.astype(np.int64),
            value=value.astype(np.int64),
        )
    return out


_EMPTY = pd.DataFrame(
    {
        "item": pd.Series(dtype=np.int64),
        **{
            name: pd.Series(dtype="category")
            for name in ("source", "kind", "dimension", "value", "version")
        },
    }
)


def _frame(votes: Votes, dimension: str, kind: str, versions: dict[str, str]) -> pd.DataFrame:
    sources = [f"function:{s}" if kind == "function" else s for s in votes.sources]
    texts = [_text(value) for value in votes.vocabulary]
    stamps = [versions.get(s, "") for s in votes.sources]
    return pd.DataFrame(
        {
            "item": votes.item,
            "source": np.array(sources, dtype=object)[votes.source] if sources else [],
            "kind": kind,
            "dimension": dimension,
            "value": np.array(texts, dtype=object)[votes.value] if texts else [],
            "version": np.array(stamps, dtype=object)[votes.source] if stamps else [],
        }
    )


def _text(value: Value) -> str:
    return "|".join(str(c) for c in sorted(value))


def _summary(votes: Votes) -> list[dict[str, Any]]:
    table = source_summary(votes).reset_index()
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]

"""A pool whose features and truth are made up, so that what functions are worth is known."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

import db.artifacts
import db.judgements
import db.recordings
import db.segments
import db.speakers
from audio.features import FEATURE_NAMES, FEATURE_VERSION
from db.records import Recording, Segment
from labels.judgements import Judgement
from labels.scheme import Scheme
from rounds.workspace import Workspace

CLASSES = Scheme.default().classes
LOUD = "loudness_db_mean"


def open_pool(folder: Path, n: int = 600) -> Workspace:
    """A workspace of `n` segments of 6 speakers; anger (a third of them) is louder.

    Functions of one's own lie in `functions`. Every second segment has gold.
    """
    own = folder / "functions"
    own.mkdir(parents=True, exist_ok=True)
    workspace = Workspace.open(
        database_url=f"sqlite:///{folder}/undertone.db",
        data_dir=folder,
        scheme=Scheme.default(),
        function_dirs=(own,),
    )
    if n:
        add_segments(workspace, 0, n)
    with workspace.writing() as tx:
        db.speakers.assign_splits(tx, held_out_fraction=0.3, seed=0)
    return workspace


def truth_of(i: int) -> str:
    """What segment `i` is."""
    return "anger" if i % 3 == 0 else CLASSES[1 + i % 6]


def add_segments(workspace: Workspace, first: int, n: int, *, features: bool = True) -> None:
    """More segments, numbered from `first`."""
    added = datetime(2026, 1, 1, tzinfo=UTC)
    recordings = [
        Recording(
            id=f"r{i}", content_sha256=f"{i:064d}", uri=f"/made/{i}.wav", path=f"/made/{i}.wav",
            corpus="made", duration_s=2.0, sample_rate_hz=16_000, n_channels=1,
            speaker_id=f"made/s{i // 3 % 6}", added_at=added, speaker=f"s{i // 3 % 6}",
        )
        for i in range(first, first + n)
    ]  # fmt: skip
    segments = [Segment(f"g{r.id[1:]}", r.id, 0.0, 2.0, "utterance") for r in recordings]
    judged = [
        Judgement(f"j{i}", f"g{i}", "anna", "expert", {"emotion": truth_of(i)})
        for i in range(first, first + n, 2)
    ]
    with workspace.writing() as tx:
        db.recordings.add(tx, recordings)
        db.segments.add(tx, segments)
        db.judgements.add(tx, judged)
    if features:
        add_features(workspace, [s.id for s in segments])


def add_features(workspace: Workspace, ids: list[str]) -> None:
    rng = np.random.default_rng(int(ids[0][1:]))
    values = rng.normal(size=(len(ids), len(FEATURE_NAMES))).astype(np.float32)
    frame = pd.DataFrame(values, columns=list(FEATURE_NAMES))
    frame[LOUD] += [2.5 * (truth_of(int(i[1:])) == "anger") for i in ids]
    frame.insert(0, "segment_id", ids)
    path = f"features/{FEATURE_VERSION}/{ids[0]}.parquet"
    file = workspace.artifacts / path
    file.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(file, index=False)
    with workspace.writing() as tx:
        db.artifacts.register(
            tx, id=ids[0], kind="features", version=FEATURE_VERSION, path=path, n_rows=len(ids),
            made_from={"segments": ids[0]},
        )  # fmt: skip


def write_function(workspace: Workspace, name: str, limit: float, *, more: str = "") -> Path:
    """A function of one's own: loud is anger."""
    file = workspace.function_dirs[0] / f"{name}.py"
    file.write_text(
        "from labeling_functions import cases, labeling_function\n\n"
        f'@labeling_function(on="emotion")\ndef {name}(table):\n    """Loud."""\n{more}'
        f'    return cases(table, (table["{LOUD}_z"] > {limit}, "anger"))\n',
        encoding="utf-8",
    )
    return file

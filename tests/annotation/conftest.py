"""A workspace with a few segments in two folders, and a batch of four of them."""

from dataclasses import dataclass

import pytest

import db.batches
from db.records import BatchItem
from labels.scheme import Scheme
from rounds import pool
from rounds.ingest import ingest
from rounds.workspace import Workspace
from tests.made_voices import write_voice

NAMES = ("north/a", "north/b", "north/c", "south/a", "south/d", "south/ż e")


@dataclass(frozen=True)
class Place:
    workspace: Workspace
    ids: dict[str, str]
    """Segment ids by the path in the corpus, without suffix."""
    batch: str = "by-hand"


@pytest.fixture(scope="session")
def speech(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speech")
    for i, name in enumerate(NAMES):
        write_voice(folder / f"{name}.wav", 110 + 20 * i, 0.4, seed=i)
    return folder


@pytest.fixture
def place(speech, tmp_path):
    workspace = Workspace.open(
        database_url=f"sqlite:///{tmp_path}/undertone.db",
        data_dir=tmp_path,
        scheme=Scheme.default(),
    )
    ingest(workspace, str(speech))
    table = pool.read(workspace)
    short = table["path"].str.removeprefix(f"{speech}/").str.removesuffix(".wav")
    ids = dict(zip(short, table["segment_id"], strict=True))
    items = [
        BatchItem("by-hand", ids[name], rank, "query", "because")
        for rank, name in enumerate(NAMES[:4], start=1)
    ]
    with workspace.writing() as tx:
        db.batches.publish_batch(tx, "by-hand", items)
    return Place(workspace, ids)

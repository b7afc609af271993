"""The demo's stage: a synthetic corpus, and a simulated crowd that has heard part of it."""

import hashlib
from pathlib import Path

import db.judgements
import db.reference_labels
from corpora.synthetic import make_synthetic_corpus
from labels.simulation import crowd, crowd_judgements
from rounds.ingest import ingest
from rounds.workspace import Progress, Workspace, silent

N_ANNOTATORS = 12

HEARD_SHARE = 0.2
"""Share of the clips that each simulated annotator is given."""


def set_up(
    workspace: Workspace,
    folder: Path,
    *,
    seed: int,
    n_clips: int,
    n_workers: int = 1,
    progress: Progress = silent,
) -> int:
    """Speak the corpus, pull it in, and store the crowd's votes; returns how many votes.

    Done again with the same seed, nothing is made or stored twice.
    """
    manifest = folder / "manifest.csv"
    if not manifest.exists():  # it is written last, so a corpus that has one is whole
        make_synthetic_corpus(
            folder,
            n_clips=n_clips,
            n_voices=16,
            seed=seed,
            progress=lambda done, total: progress("speaking", done, total),
        )
    ingest(workspace, str(manifest), n_workers=n_workers, progress=progress)
    with workspace.reading() as tx:
        frame = db.reference_labels.frame(tx)
    truth = {
        str(segment_id): dict(zip(rows["dimension"], rows["value"], strict=True))
        for segment_id, rows in frame.groupby("segment_id", sort=True)
    }
    people = crowd(workspace.scheme, seed=seed, n_annotators=N_ANNOTATORS)
    heard = [
        one
        for one in crowd_judgements(people, truth, source="simulated crowd")
        if _share(seed, one.annotator, one.segment_id) < HEARD_SHARE
    ]
    with workspace.writing() as tx:
        db.judgements.add(tx, heard)
    return len(heard)


def _share(seed: int, annotator: str, segment_id: str) -> float:
    """A number in [0, 1) that depends on nothing else: who is given which clip."""
    said = hashlib.sha256(f"{seed}/{annotator}/{segment_id}".encode()).digest()
    return int.from_bytes(said[:8], "big") / 2**64

"""Records to test with."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

import db.recordings
import db.segments
from db.records import BatchItem, Recording, Segment
from labels.judgements import Judgement

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def a_recording(name: str = "a", **about: Any) -> Recording:
    """A recording `/speech/<name>.wav` of 3 s; its speaker is `speaker` or unknown."""
    content = hashlib.sha256(name.encode()).hexdigest()
    speaker = about.get("speaker")
    usual: dict[str, Any] = {
        "id": content[:16],
        "content_sha256": content,
        "uri": f"file:///speech/{name}.wav",
        "path": f"/speech/{name}.wav",
        "corpus": "sample",
        "duration_s": 3.0,
        "sample_rate_hz": 16_000,
        "n_channels": 1,
        "speaker_id": speaker or f"recording:{content[:16]}",
        "added_at": NOON,
    }
    return Recording(**{**usual, **about})


def a_segment(recording: Recording, **about: Any) -> Segment:
    """The whole of a recording, as an utterance."""
    usual: dict[str, Any] = {
        "start_s": 0.0,
        "end_s": recording.duration_s,
        "level": "utterance",
        "recording_id": recording.id,
    }
    given = {**usual, **about}
    said = f"{given['recording_id']}{given['start_s']}{given['end_s']}{given['level']}"
    return Segment(**{"id": hashlib.sha256(said.encode()).hexdigest()[:16], **given})


def store(tx: Connection, recordings: Sequence[Recording]) -> list[str]:
    """Store recordings, each with its whole as a segment; returns the segments' ids."""
    db.recordings.add(tx, recordings)
    segments = [a_segment(one) for one in recordings]
    db.segments.add(tx, segments)
    return [one.id for one in segments]


def store_clips(tx: Connection, n_clips: int) -> list[str]:
    """Store `n_clips` plain clips of one speaker; returns the segments' ids."""
    return store(tx, [a_recording(f"clip{i}", speaker="ada") for i in range(n_clips)])


def a_judgement(identity: str, segment_id: str, **about: Any) -> Judgement:
    """An expert's "anger"."""
    usual: dict[str, Any] = {"annotator": "eve", "role": "expert", "values": {"emotion": "anger"}}
    return Judgement(id=identity, segment_id=segment_id, **{**usual, **about})


def batch_items(batch_id: str, segments: Sequence[str]) -> list[BatchItem]:
    """Segments as a batch, in their order."""
    return [
        BatchItem(batch_id, segment, rank, "query", "unsure between anger and fear", 0.5)
        for rank, segment in enumerate(segments, start=1)
    ]

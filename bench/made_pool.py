"""Segments that are made up: records of speech without a sound, for benches of what keeps them."""

from datetime import UTC, datetime

from db.records import Recording, Segment

_ADDED = datetime(2026, 1, 1, tzinfo=UTC)


def made_up(n: int, n_speakers: int = 40) -> tuple[list[Recording], list[Segment]]:
    """`n` recordings of 3 s, speakers in turn, and the segment that each is."""
    recordings = [
        Recording(
            id=f"r{i:07}", content_sha256=f"{i:064x}", uri=f"file:///made/up/{i:07}.wav",
            path=f"/made/up/{i:07}.wav", corpus="made up", duration_s=3.0, sample_rate_hz=16_000,
            n_channels=1, speaker_id=f"made up/s{i % n_speakers}", added_at=_ADDED,
            speaker=f"s{i % n_speakers}",
        )
        for i in range(n)
    ]  # fmt: skip
    segments = [
        Segment(f"seg{i:07}", one.id, 0.0, 3.0, "utterance") for i, one in enumerate(recordings)
    ]
    return recordings, segments

"""From an entry of a corpus to a recording and its segments: the sound is inspected and cut."""

from dataclasses import dataclass
from datetime import UTC, datetime

from audio.decoding import AudioError, inspect
from corpora.entries import Entry
from db.records import Recording, Segment, SourceFile
from rounds.artifacts import digest

LONG_S = 20.0
"""A recording longer than this, with no segment given, is cut into utterances."""


@dataclass(frozen=True)
class Heard:
    """What became of an entry's sound: the recording and how it is cut, or why it is refused."""

    file: SourceFile
    recording: Recording | None = None
    cuts: tuple[tuple[float, float], ...] = ()
    unchanged: bool = False
    reason: str | None = None


def hear(entry: Entry, known: SourceFile | None) -> Heard:
    """Inspect an entry's sound, unless its file is as it was when it was last read.

    Never raises for bad sound: the reason is in the answer.
    """
    file = SourceFile(uri=entry.uri, corpus=entry.corpus)
    try:
        now = entry.path.stat()
        file = SourceFile(
            uri=entry.uri, corpus=entry.corpus, size=now.st_size, mtime_ns=now.st_mtime_ns
        )
        if known and known.recording_id and _same(known, file):
            return Heard(known, unchanged=True)
        info = inspect(entry.path)
        cuts: tuple[tuple[float, float], ...] = ()
        if info.duration_s > LONG_S:
            from audio.segmentation import utterances

            cuts = tuple(utterances(entry.path))
    except AudioError as error:
        return Heard(file, reason=str(error))
    except OSError as error:
        return Heard(file, reason=f"cannot be read: {error.strerror or error}")
    about = entry.metadata
    identity = info.content_sha256[:16]
    recording = Recording(
        id=identity,
        content_sha256=info.content_sha256,
        uri=entry.uri,
        path=str(entry.path),
        corpus=entry.corpus,
        duration_s=info.duration_s,
        sample_rate_hz=info.sample_rate_hz,
        n_channels=info.n_channels,
        speaker=about.speaker,
        speaker_id=about.speaker or f"recording:{identity}",
        gender=about.gender,
        age=about.age,
        language=about.language,
        dialect=about.dialect,
        style=about.style,
        session=about.session,
        turn=about.turn,
        consent=about.consent,
        transcript=about.transcript,
        added_at=datetime.now(UTC),
    )
    file = SourceFile(
        uri=file.uri, corpus=file.corpus, size=file.size, mtime_ns=file.mtime_ns,
        recording_id=identity,
    )  # fmt: skip
    return Heard(file, recording, cuts)


def segments_of(heard: Heard, entry: Entry) -> tuple[list[Segment], str]:
    """(the segments an entry gives, the id of the one that its labels are about).

    A plain clip is one segment. A row with start and end is that stretch. A long recording is a
    turn whose children are the utterances that voice activity found.
    """
    recording_id = heard.file.recording_id or ""
    if entry.segment is not None:
        start_s, end_s = entry.segment
        about = segment_id(recording_id, entry.level, start_s, end_s)
        return [
            Segment(
                id=about,
                recording_id=recording_id,
                start_s=start_s,
                end_s=end_s,
                level=entry.level,
                transcript=entry.metadata.transcript,
            )
        ], about
    whole = digest(recording_id, "whole")
    if heard.recording is None:
        return [], whole
    cuts = heard.cuts if len(heard.cuts) > 1 else ()
    parts = [
        Segment(
            id=segment_id(recording_id, "utterance", start_s, end_s),
            recording_id=recording_id,
            start_s=start_s,
            end_s=end_s,
            level="utterance",
            parent_id=whole,
        )
        for start_s, end_s in cuts
    ]
    top = Segment(
        id=whole,
        recording_id=recording_id,
        start_s=0.0,
        end_s=heard.recording.duration_s,
        level="turn" if parts else entry.level,
        transcript=entry.metadata.transcript,
    )
    return [top, *parts], whole


def segment_id(recording_id: str, level: str, start_s: float, end_s: float) -> str:
    """The id of a stretch of a recording; times count to the millisecond."""
    return digest(recording_id, level, round(start_s * 1000), round(end_s * 1000))


def _same(known: SourceFile, now: SourceFile) -> bool:
    return (known.size, known.mtime_ns) == (now.size, now.mtime_ns)

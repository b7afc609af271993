"""From entries of a corpus to a recording and its segments: the sound is inspected and cut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from audio.decoding import AudioError, AudioInfo, inspect
from audio.segmentation import utterances
from corpora.entries import Entry
from db.records import Recording, Segment, SourceFile
from rounds.artifacts import digest
from rounds.describing import LONG_S, recording_of

_BEYOND_S = 0.1
"""A segment may end this much after its recording: times in manifests are rounded."""


class NoSuchStretchError(ValueError):
    """A segment that its recording does not have; the message is one line."""


@dataclass(frozen=True)
class Heard:
    """What became of a file: the recording it holds and how it is cut, or why it is refused.

    `recording` is None where the file is as it was (`unchanged`) and where there is a `reason`.
    """

    file: SourceFile
    recording: Recording | None = None
    cuts: tuple[tuple[float, float], ...] = ()
    unchanged: bool = False
    reason: str | None = None


def hear(entries: Sequence[Entry], known: SourceFile | None) -> Heard:
    """Inspect the sound that these entries of one file are about, unless it is as it was.

    Never raises for bad sound: the reason is in the answer.
    """
    first = entries[0]
    file = SourceFile(uri=first.uri, corpus=first.corpus)
    try:
        now = first.path.stat()
        file = replace(file, size=now.st_size, mtime_ns=now.st_mtime_ns)
        if known and known.recording_id and _same(known, file):
            return Heard(known, unchanged=True)
        info = inspect(first.path)
        cuts = _cuts(info, entries)
    except AudioError as error:
        return Heard(file, reason=str(error))
    except OSError as error:
        return Heard(file, reason=f"cannot be read: {error.strerror or error}")
    recording = recording_of(first, info, is_cut=len(cuts) > 1)
    return Heard(replace(file, recording_id=recording.id), recording, cuts)


def _cuts(info: AudioInfo, entries: Sequence[Entry]) -> tuple[tuple[float, float], ...]:
    """Where to cut; () for a file that is short, or of which only stretches are meant."""
    wholes = [entry for entry in entries if entry.segment is None]
    if info.duration_s <= LONG_S or not wholes:
        return ()
    cuts = utterances(wholes[0].path)
    if not cuts:
        raise AudioError(f"is {info.duration_s:.0f} s long, and no speech is found in it")
    return tuple(cuts)


def segments_of(heard: Heard, entry: Entry, duration_s: float) -> tuple[list[Segment], str]:
    """(the segments an entry gives, the id of the one that its labels are about).

    A plain clip is one segment. A row with start and end is that stretch. A long recording is a
    turn whose children are the utterances that voice activity found. Raises NoSuchStretchError
    for a stretch that goes beyond the recording's `duration_s`.
    """
    recording_id = heard.file.recording_id or ""
    if entry.segment is not None:
        start_s, end_s = entry.segment
        if start_s >= duration_s or end_s > duration_s + _BEYOND_S:
            raise NoSuchStretchError(
                f"there is nothing from {start_s:g} s to {end_s:g} s: "
                f"the recording is {duration_s:.2f} s long"
            )
        end_s = min(end_s, duration_s)
        about = segment_id(recording_id, entry.level, start_s, end_s)
        stretch = Segment(
            id=about,
            recording_id=recording_id,
            start_s=start_s,
            end_s=end_s,
            level=entry.level,
            transcript=entry.metadata.transcript,
        )
        return [stretch], about
    whole = whole_id(recording_id)
    return ([] if heard.unchanged else _whole(heard, entry, whole, duration_s)), whole


def _whole(heard: Heard, entry: Entry, whole: str, duration_s: float) -> list[Segment]:
    recording_id = heard.file.recording_id or ""
    parts = [
        Segment(
            id=segment_id(recording_id, "utterance", start_s, end_s),
            recording_id=recording_id,
            start_s=start_s,
            end_s=end_s,
            level="utterance",
            parent_id=whole,
        )
        for start_s, end_s in (heard.cuts if len(heard.cuts) > 1 else ())
    ]
    top = Segment(
        id=whole,
        recording_id=recording_id,
        # One utterance in a long recording: its silence is no part of what is labelled.
        start_s=heard.cuts[0][0] if len(heard.cuts) == 1 else 0.0,
        end_s=heard.cuts[0][1] if len(heard.cuts) == 1 else duration_s,
        level="turn" if parts else entry.level,
        # Who asks what was said in the whole may read it there; its parts do not say it all.
        transcript=entry.metadata.transcript if parts else None,
    )
    return [top, *parts]


def whole_id(recording_id: str) -> str:
    """The id of the segment that stands for a recording."""
    return digest(recording_id, "whole")


def segment_id(recording_id: str, level: str, start_s: float, end_s: float) -> str:
    """The id of a stretch of a recording; times count to the millisecond."""
    return digest(recording_id, level, round(start_s * 1000), round(end_s * 1000))


def _same(known: SourceFile, now: SourceFile) -> bool:
    return (known.size, known.mtime_ns) == (now.size, now.mtime_ns)

"""What is said of a recording: when it comes in, and when a later reading says otherwise."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from audio.decoding import AudioInfo
from corpora.entries import Entry
from db.records import Recording
from db.segments import NO_CONSENT

LONG_S = 20.0
"""A recording longer than this is cut into utterances, unless its source says where they are."""

_SAID = ("speaker", "gender", "age", "language", "dialect", "style", "session", "turn", "consent")


def recording_of(entry: Entry, info: AudioInfo, *, is_cut: bool) -> Recording:
    """A recording as its first entry describes it. `is_cut`: its segments are parts of it."""
    about = entry.metadata
    identity = info.content_sha256[:16]
    return Recording(
        id=identity,
        content_sha256=info.content_sha256,
        uri=entry.uri,
        path=str(entry.path),
        corpus=entry.corpus,
        duration_s=info.duration_s,
        sample_rate_hz=info.sample_rate_hz,
        n_channels=info.n_channels,
        speaker_id=speaker_id(entry.corpus, about.speaker, identity),
        added_at=datetime.now(UTC),
        # A transcript of the whole says too much of its parts, and that of a part is the part's.
        transcript=None if is_cut or entry.segment else about.transcript,
        **{name: getattr(about, name) for name in _SAID},
    )


def speaker_id(corpus: str, speaker: str | None, recording_id: str) -> str:
    """Who speaks, told apart from everybody of the same name in another corpus.

    A recording with no speaker is a speaker of its own.
    """
    return f"recording:{recording_id}" if speaker is None else f"{corpus}/{speaker}"


def revised(stored: Recording, entry: Entry) -> Recording:
    """A known recording, brought up to date with an entry that is about the same sound.

    A row about the whole of the file it came from decides. One about a stretch of it, or about
    the same sound under another name, only fills in what nobody said before, but may always
    refuse consent. What an entry does not say stands. A recording whose file is gone is found in
    the new place.
    """
    about = entry.metadata
    said = {name: getattr(about, name) for name in _SAID}
    if entry.uri == stored.uri and entry.segment is None:
        if stored.duration_s <= LONG_S:
            said["transcript"] = about.transcript
    else:
        refuses = (about.consent or "").strip().lower() in NO_CONSENT
        said = {
            name: value
            for name, value in said.items()
            if getattr(stored, name) is None or (name == "consent" and refuses)
        }
    now = replace(stored, **{name: value for name, value in said.items() if value is not None})
    if now.speaker != stored.speaker:
        now = replace(now, speaker_id=speaker_id(now.corpus, now.speaker, now.id))
    if entry.uri != stored.uri and not Path(stored.path).exists():
        now = replace(now, uri=entry.uri, path=str(entry.path))
    return now

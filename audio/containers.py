"""Containers: what a sound file promises before it is decoded, and whether it is all there.

Decoders are forgiving: a WAV that lost its second half decodes as a shorter one, without a
word. The promise stands in the container (sizes, frame counts, end flags), so it is read here.
"""

import io
from pathlib import Path
from typing import IO

from audio import flac, mpeg, ogg, riff
from audio.errors import AudioError
from audio.splicing import Spliced

READABLE = "wav, flac, ogg, opus and mp3 are read"

_FOREIGN = (
    (4, b"ftyp", "MP4/M4A (AAC)"),
    (0, b"FORM", "AIFF"),
    (0, b"caff", "CAF"),
    (0, b".snd", "AU"),
    (0, b"#!AMR", "AMR"),
    (0, b"MThd", "MIDI"),
    (0, b"\x30\x26\xb2\x75", "WMA"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska/WebM"),
    (0, b"riff\x2e\x91\xcf\x11", "Wave64"),
)


def kind_of(path: Path) -> str:
    """The container of a file, by its first bytes: "wav", "flac", "ogg" or "mp3".

    Raises AudioError for an empty file, for text and other things that are not audio, and for
    audio in a container that is not read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(64)
            after_tag = mpeg.after_id3(head)
            if after_tag:
                file.seek(after_tag)
                tagged = file.read(4)
    except OSError as error:
        raise AudioError(f"cannot be read ({error.strerror or error})") from None
    if not head:
        raise AudioError("is empty (0 bytes)")
    if after_tag:
        return "flac" if tagged == b"fLaC" else "mp3"
    for start, kind in ((b"fLaC", "flac"), (b"OggS", "ogg")):
        if head.startswith(start):
            return kind
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and (len(head) < 12 or head[8:12] == b"WAVE"):
        return "wav"
    if mpeg.frame_bytes(head[:4]) is not None:
        return "mp3"
    for offset, mark, name in _FOREIGN:
        if head[offset : offset + len(mark)] == mark:
            raise AudioError(f"is {name}, which is not read; {READABLE}: convert it to one of them")
    shown = head[:16].decode("ascii", "replace").replace("\ufffd", "?")
    raise AudioError(f"is not audio (begins with {shown!r}; {READABLE})")


def opened(path: Path, kind: str) -> IO[bytes]:
    """The file for a decoder to read, with the length it does not state written in.

    Pipes leave the length open (WAV, FLAC) and many MP3s never had one, though all of it is
    there. Raises AudioError where the container itself says that something is missing.
    """
    head: bytes | None = None
    resume_at = 0
    if kind == "wav":
        layout = riff.wav_layout(path)
        if layout.streamed:
            head, resume_at = riff.finished_head(path, layout), layout.data_at
        elif layout.promised > layout.available:
            frames = layout.promised // layout.block_align, layout.available // layout.block_align
            raise AudioError(f"is truncated: {frames[0]} frames promised, {frames[1]} there")
    elif kind == "flac":
        head = flac.finished_head(path)
        resume_at = len(head or b"")
    elif kind == "mp3":
        head, resume_at = mpeg.uncounted_head(path) or (None, 0)
    elif kind == "ogg":
        ogg.check_end(path)
    if head is None:
        return path.open("rb")
    return io.BufferedReader(Spliced(path, head, resume_at))

"""Ogg (Vorbis, Opus, FLAC): whether its last page is whole and marked as the last."""

from pathlib import Path

from audio.errors import AudioError


def check_end(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        start = max(0, size - 2**17)  # a page has at most 65,307 bytes
        file.seek(start)
        tail = file.read()
    at = tail.rfind(b"OggS")
    page = tail[at:] if at >= 0 else b""
    n_segments = page[26] if len(page) > 26 else 0
    n_bytes = 27 + n_segments + sum(page[27 : 27 + n_segments])
    if len(page) < 27 + n_segments or len(page) < n_bytes:
        raise AudioError("is truncated: its last Ogg page is cut off")
    if not page[5] & 4:
        raise AudioError("is truncated: its last Ogg page is not marked as the end of the stream")

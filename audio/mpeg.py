"""MP3: its frames, one header after the other, and how many of them it promises."""

import struct
from functools import lru_cache
from pathlib import Path

from audio.errors import AudioError

_KBPS = {
    (3, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN", b"ID3")
_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def frame_bytes(header: bytes) -> int | None:
    """How long the MPEG audio frame is that begins with these 4 bytes; None if none does.

    0 for the free format, which does not say. Source: ISO/IEC 11172-3, 13818-3.
    """
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate_code, bits_code = header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or layer == 0 or rate_code == 3 or bits_code == 15:
        return None
    row = (3, layer) if version == 3 else (2, 3 if layer == 3 else 1)
    bits, rate = _KBPS[row][bits_code] * 1000, _HZ[version][rate_code]
    padding = header[2] >> 1 & 1
    if layer == 3:
        return (12 * bits // rate + padding) * 4
    return (72 if layer == 1 and version != 3 else 144) * bits // rate + padding


def uncounted_head(path: Path) -> tuple[bytes, int] | None:
    """For a stream that does not say how many frames it has: a frame that does, and its place.

    A decoder guesses the length of such a stream from its first frame, wrong by any factor where
    the bit rate varies. Returns the counting (Xing) frame and the offset of the sound it belongs
    before; None where the stream counts itself or cannot be counted.
    Raises AudioError where frames are missing or the last one is cut off.
    """
    status = path.stat()
    return _uncounted_head(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)  # an hour has 140,000 frames, and each stretch of it read asks again
def _uncounted_head(path: Path, size: int, _changed_ns: int) -> tuple[bytes, int] | None:
    with path.open("rb") as file:
        first_at = at = after_id3(file.read(10))
        file.seek(at)
        first = file.read(200)
        n_frames, promised = 0, _xing_frames(first)
        while (length := frame_bytes(first[:4] if n_frames == 0 else file.read(4))) is not None:
            if length == 0:
                return None
            if at + length > size:
                raise AudioError(f"is truncated: its frame {n_frames + 1} is cut off")
            n_frames, at = n_frames + 1, at + length
            file.seek(at)
        file.seek(at)
        rest = file.read(16)
    if n_frames < 2 and rest:
        raise AudioError("is not audio (one MPEG frame, followed by something else)")
    if promised is None:
        is_whole = size - at < 4096 or rest.startswith(_TAGS)
        is_layer_3 = n_frames > 0 and first[1] >> 1 & 3 == 1
        can_count = is_whole and is_layer_3
        return (_counting_frame(first[:4], n_frames), first_at) if can_count else None
    if n_frames < promised:  # encoders differ on whether the counting frame counts
        raise AudioError(f"is truncated: {promised} MPEG frames promised, {n_frames} there")
    return None


def _counting_frame(header: bytes, n_frames: int) -> bytes:
    like = bytes([header[0], header[1] | 1, header[2] & 0x0C | 0x90, header[3]])
    is_mono, is_mpeg_1 = header[3] >> 6 == 3, header[1] >> 3 & 3 == 3
    side_info = (17 if is_mono else 32) if is_mpeg_1 else (9 if is_mono else 17)
    frame = like + bytes(side_info) + b"Xing" + struct.pack(">II", 1, n_frames)
    return frame.ljust(frame_bytes(like) or 0, b"\0")


def _xing_frames(frame: bytes) -> int | None:
    for mark in (b"Xing", b"Info"):
        at = frame.find(mark)
        if at >= 0 and len(frame) >= at + 12 and frame[at + 7] & 1:
            return int(struct.unpack(">I", frame[at + 8 : at + 12])[0])
    return None


def after_id3(head: bytes) -> int:
    """The offset behind an ID3v2 tag whose first bytes these are; 0 without one."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10 + (10 if head[5] & 0x10 else 0)

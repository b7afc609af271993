"""FLAC: how long a stream is that a pipe wrote, which could not go back to say so."""

from pathlib import Path

_STREAMINFO_BYTES = 42
_TAIL_BYTES = 2**20
_BLOCK_SIZES = {
    1: 192,
    **{2 + i: 576 << i for i in range(4)},
    **{8 + i: 256 << i for i in range(8)},
}


def finished_head(path: Path) -> bytes | None:
    """The first bytes of a FLAC without a frame count, with the true count written in.

    The count is read from the last frame, which says where it begins and how long it is. None
    where the file has a count, begins with something else, or ends in no frame.
    Source: RFC 9639, sections 8.2 and 9.1.
    """
    with path.open("rb") as file:
        head = bytearray(file.read(_STREAMINFO_BYTES))
        if head[:4] != b"fLaC" or len(head) < _STREAMINFO_BYTES:
            return None
        if head[21] & 0x0F or any(head[22:26]):
            return None
        file.seek(max(_STREAMINFO_BYTES, path.stat().st_size - _TAIL_BYTES))
        tail = file.read()
    n_frames = _end_of_last_frame(tail, fixed_size=int.from_bytes(head[10:12]))
    if n_frames is None:
        return None
    head[21] |= n_frames >> 32
    head[22:26] = (n_frames & 0xFFFF_FFFF).to_bytes(4)
    return bytes(head)


def _end_of_last_frame(tail: bytes, fixed_size: int) -> int | None:
    """Where the last frame in `tail` ends, in samples; the one before it must end at its start."""
    at, following = len(tail), None
    while (at := tail.rfind(b"\xff", 0, at)) >= 0:
        span = _frame_span(tail[at : at + 16], fixed_size)
        if span is None:
            continue
        if following is not None and span[1] == following[0]:
            return following[1]
        if span[0] == 0:
            return span[1]
        following = span
    return None


def _frame_span(header: bytes, fixed_size: int) -> tuple[int, int] | None:
    """The first sample and the end of the frame that begins so; None where none does."""
    if len(header) < 6 or header[1] & 0xFE != 0xF8 or header[3] & 1:
        return None
    n_more = max(0, 7 - (header[4] ^ 0xFF).bit_length() - 1) if header[4] & 0x80 else 0
    number = header[4] & (0x7F if n_more == 0 else 0x3F >> n_more)
    end = 5 + n_more
    for byte in header[5:end]:
        number = number << 6 | byte & 0x3F
    size_code, rate_code = header[2] >> 4, header[2] & 15
    n_size_bytes = {6: 1, 7: 2}.get(size_code, 0)
    size = _BLOCK_SIZES.get(size_code) or 1 + int.from_bytes(header[end : end + n_size_bytes])
    end += n_size_bytes + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if (
        size_code == 0
        or rate_code == 15
        or len(header) <= end
        or _crc8(header[:end]) != header[end]
    ):
        return None
    first = number if header[1] & 1 else number * fixed_size
    return first, first + size


def _crc8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc

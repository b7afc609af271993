"""WAV: where a RIFF file (RIFF, RIFX, RF64, WAVEX) keeps its samples, and how many it promises."""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from audio.errors import AudioError

_STREAMED = 0x7FFF_F000
"""Pipes write sizes from here up to 0x80000000, or near 0xFFFFFFFF, when they cannot know."""


@dataclass(frozen=True)
class WavLayout:
    """Where a WAV keeps its samples: byte offsets, sizes in bytes, `block_align` a frame's bytes.

    `streamed` says that the writer could not seek back to fill in the size, so that the samples
    go on to the end of the file.
    """

    data_at: int
    promised: int
    available: int
    block_align: int
    byte_order: str
    streamed: bool


def wav_layout(path: Path) -> WavLayout:
    """Walks a WAV's chunks (RIFF, RIFX, RF64, WAVEX) to its samples. Raises AudioError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        order = ">" if head[:4] == b"RIFX" else "<"
        data_64, block_align = None, 1
        while len(chunk := file.read(8)) == 8:
            name, length = chunk[:4], struct.unpack(order + "I", chunk[4:])[0]
            if name == b"data":
                promised = length if data_64 is None or length < 2**32 - 1 else data_64
                riff_size = struct.unpack(order + "I", head[4:8])[0]
                return WavLayout(
                    data_at=file.tell(),
                    promised=promised,
                    available=size - file.tell(),
                    block_align=block_align,
                    byte_order=order,
                    streamed=_is_streamed(promised, size - file.tell(), riff_size + 8 == size),
                )
            body = file.read(min(length, 64))
            if name == b"ds64" and len(body) >= 16:
                data_64 = struct.unpack(order + "Q", body[8:16])[0]
            if name == b"fmt " and len(body) >= 14:
                block_align = max(1, struct.unpack(order + "H", body[12:14])[0])
            file.seek(length - len(body) + length % 2, os.SEEK_CUR)
    raise AudioError(f"is truncated: its header ends before the samples ({size} bytes in all)")


def _is_streamed(promised: int, available: int, header_is_finished: bool) -> bool:
    if promised == 0:  # a finished header over no samples is an empty recording, not a pipe's
        return available > 0 and not header_is_finished
    unknown = _STREAMED <= promised <= 2**31 or 2**32 - 4096 <= promised < 2**32
    return promised > available and (unknown or promised >= 2**63)


def finished_head(path: Path, layout: WavLayout) -> bytes:
    """The header of a streamed WAV with its true sizes written in (a RIFF's, up to 4 GiB)."""
    pack = struct.Struct(layout.byte_order + "I").pack
    n_bytes = min(layout.available // layout.block_align * layout.block_align, 2**32 - 2**16)
    with path.open("rb") as file:
        head = bytearray(file.read(layout.data_at))
    if head[:4] == b"RF64":
        head[:4] = b"RIFF"
    head[4:8] = pack(min(layout.data_at - 8 + n_bytes, 2**32 - 1))
    head[-4:] = pack(n_bytes)
    return bytes(head)

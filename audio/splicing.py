"""Splicing: a file seen with another beginning, for decoders that need it to be right."""

import io
import os
from pathlib import Path


class Spliced(io.RawIOBase):
    """The bytes `head` followed by those of the file at `path` from `resume_at` on, to read."""

    def __init__(self, path: Path, head: bytes, resume_at: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._head = head
        self._resume_at = resume_at
        self._size = len(head) + max(0, path.stat().st_size - resume_at)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        view = memoryview(buffer).cast("B")
        part = self._head[self._at : self._at + len(view)]
        if not part:
            self._file.seek(self._at - len(self._head) + self._resume_at)
            part = self._file.read(len(view))
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._file.close()
        super().close()

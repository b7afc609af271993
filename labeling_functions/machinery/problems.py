"""What went wrong with a labelling function: reported, never in the way of the others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A labelling function, or a whole file, that was left out; `str()` is one line."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


def one_line(error: BaseException) -> str:
    """An exception as a single line: its type and what it says."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__

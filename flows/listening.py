"""Who in this process wants to hear of progress. Apart from Prefect, which takes long to import."""

from collections.abc import Callable
from contextvars import ContextVar

Listener = Callable[[str, int, int], None]

_LISTENER: ContextVar[Listener | None] = ContextVar("progress_listener", default=None)


def listen(listener: Listener | None) -> None:
    """Have progress told to `listener` (what, done, total) in this context; None: to nobody."""
    _LISTENER.set(listener)


def tell(what: str, done: int, total: int) -> None:
    """Tell whoever listens."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(what, done, total)

"""Work for the database goes in lanes, so that storing a judgement never queues behind reading.

A judgement that waits is a person who waits; a clip that is loaded ahead can.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread

_Answer = TypeVar("_Answer")


class Lanes:
    """`store` for judgements, `give` for clips: each so many threads at once."""

    def __init__(self, n_store: int = 6, n_give: int = 2) -> None:
        self.store = CapacityLimiter(n_store)
        self.give = CapacityLimiter(n_give)


async def run(limiter: CapacityLimiter, call: Callable[..., _Answer], *args: Any) -> _Answer:
    """`call(*args)` in a thread of a lane."""
    return await to_thread.run_sync(call, *args, limiter=limiter)

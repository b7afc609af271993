"""Chunks of work in worker processes that do not outlive who asked for them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from typing import TypeVar

from rounds.worker_life import die_with_parent

Chunk, Found = TypeVar("Chunk"), TypeVar("Found")


def mapped(
    work: Callable[[Chunk], Found], chunks: Sequence[Chunk], n_workers: int
) -> Iterator[Found]:
    """What `work` (picklable) makes of each chunk, as they come; here for one worker."""
    if n_workers <= 1 or len(chunks) <= 1:
        yield from map(work, chunks)
        return
    with ProcessPoolExecutor(
        min(n_workers, len(chunks)),
        mp_context=get_context("spawn"),
        initializer=die_with_parent,
        initargs=(os.getpid(),),
    ) as processes:
        for future in as_completed([processes.submit(work, chunk) for chunk in chunks]):
            yield future.result()

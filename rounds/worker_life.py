"""The end of a worker process whose parent is gone.

A module of its own that reads nothing: a new worker comes here first, before it spends seconds on
libraries in which it could not notice.
"""

import os
import threading
import time


def die_with_parent(parent: int) -> None:
    """End this worker soon after its parent is gone: a killed round leaves no orphans."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

"""When a task is worth another try."""

from typing import Any

from db.errors import DatabaseError
from models.tracking import TrackingError

TRIES = {"retries": 2, "retry_delay_seconds": [2, 20]}
"""For tasks that talk to a database, a server or a file system."""

_SERVERS = (DatabaseError, TrackingError)
_LASTING = (ValueError, TypeError, LookupError, AttributeError, AssertionError)


def may_pass(_task: Any, _run: Any, state: Any) -> bool:
    """Whether what a task failed of may be over next time: Prefect's `retry_condition_fn`.

    Servers come back and disks empty; input that is wrong stays wrong, and so does a mistake in
    the program.
    """
    try:
        state.result()
    except _SERVERS:
        return True
    except _LASTING:
        return False
    except Exception:
        return True
    return False

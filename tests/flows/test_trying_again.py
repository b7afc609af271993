import pytest

from corpora.source import SourceError
from db.errors import DatabaseError
from flows.trying_again import may_pass
from models.tracking import TrackingError


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (SourceError("no such folder"), False),
        (ValueError("an unknown emotion"), False),
        (KeyError("a mistake in the program"), False),
        (TrackingError("MLflow does not answer"), True),
        (DatabaseError("the database does not answer"), True),
        (OSError("the disk is full"), True),
        (TimeoutError("it took too long"), True),
    ],
)
def test_only_what_may_be_over_next_time_is_tried_again(error, again):
    class State:
        def result(self):
            raise error

    assert may_pass(None, None, State()) is again

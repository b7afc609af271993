"""What can be wrong with the records; every message is one line."""

from sqlalchemy.exc import DontWrapMixin


class DatabaseError(ValueError):
    """The database cannot be opened or used as it is."""


class RecordError(ValueError, DontWrapMixin):
    """A record that cannot be kept, or one asked for that is not there."""

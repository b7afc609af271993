"""Opening the records: SQLite in a file, or PostgreSQL through psycopg."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from db.errors import DatabaseError
from db.migrating import upgrade

__all__ = ["DatabaseError", "connect", "transaction", "upgrade"]

_VALID = "valid: sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME"
_BUSY_TIMEOUT_S = 30.0
_CACHE_KIB = 64 * 1024

_WRITERS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
"""SQLite makes writers wait by sleeping, longer each time; threads of one process take turns."""


def connect(url: str) -> Engine:
    """The records at `url`, reachable; `upgrade` then makes sure of their tables.

    A SQLite file is made when it is not there (its folder too, inside one that is).
    Raises DatabaseError, which never shows a password, for a bad URL or an unreachable server.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    try:
        with engine.connect() as connection:
            # A file's first bytes are read only when something in it is asked for.
            probe = "SELECT count(*) FROM sqlite_master" if _is_sqlite(engine) else "SELECT 1"
            connection.exec_driver_sql(probe)
    except (SQLAlchemyError, sqlite3.Error) as error:
        engine.dispose()
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        raise DatabaseError(f"cannot open the database {_said(cause, parsed)}") from None
    return engine


@contextmanager
def transaction(engine: Engine, write: bool = True) -> Iterator[Connection]:
    """A transaction: committed at the end of the block, undone when the block raises.

    On SQLite a writer takes the one write lock at once, waiting for it up to 30 s. With
    `write=False` the block sees one unmoving snapshot, holds up nobody, and cannot write.
    Raises DatabaseError when the database itself fails: gone, damaged, full, not writable.
    """
    turn = _WRITERS.get(engine) if write else None
    try:
        with turn or nullcontext(), _transaction(engine, write) as connection:
            yield connection
    except DBAPIError as error:
        if not _fails(error, engine) or (not write and "readonly" in str(error.orig)):
            raise
        cause = error.orig or error
        raise DatabaseError(f"the database {_said(cause, engine.url)}") from error


@contextmanager
def _transaction(engine: Engine, write: bool) -> Iterator[Connection]:
    with engine.connect() as connection:
        if not write and _is_sqlite(engine):
            connection = connection.execution_options(undertone_read_only=True)  # noqa: PLW2901
        elif not write:
            connection = connection.execution_options(  # noqa: PLW2901
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        with connection.begin():
            yield connection


def shown(url: URL) -> str:
    """A URL as it may be shown: without its password, wherever that stands."""
    secret = {key: "***" for key in url.query if "password" in key or key == "passfile"}
    plain = url.set(drivername=url.get_backend_name())
    return plain.update_query_dict(secret).render_as_string(hide_password=True)


def _said(cause: BaseException, url: URL) -> str:
    """The database, what it says is wrong, and what helps."""
    reason = _hide(" ".join(str(cause).split()), url)
    damaged = ("not a database", "malformed", "corrupt")
    hint = ""
    if url.get_backend_name() == "sqlite" and any(word in reason for word in damaged):
        hint = " (it is no SQLite file, or damaged: put a copy back, or move it away to begin anew)"
    return f"{shown(url)}: {reason}{hint}"


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        # What cannot be parsed cannot be shown: a password may stand anywhere in it.
        raise DatabaseError(f"the database URL cannot be read ({_VALID})") from None
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseError(f"no records in a database of kind {backend!r} ({_VALID})")
    if not parsed.database or parsed.database == ":memory:":
        raise DatabaseError(f"the database URL {shown(parsed)} names no file ({_VALID})")
    return parsed.set(drivername="sqlite+pysqlite")


def _fails(error: DBAPIError, engine: Engine) -> bool:
    """Whether it is the database that fails, rather than what was asked of it."""
    kinds = (OperationalError, sa.exc.DatabaseError) if _is_sqlite(engine) else (OperationalError,)
    return type(error) in kinds and error.orig is not None


def _hide(text: str, url: URL) -> str:
    secrets = [str(url.password)] if url.password else []
    secrets += [str(value) for key, value in url.query.items() if "password" in key]
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _postgresql(url: URL) -> Engine:
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": 15}
    return sa.create_engine(
        url,
        pool_pre_ping=True,
        connect_args={**patience, "application_name": "undertone"},
    )


def _sqlite(url: URL) -> Engine:
    folder = Path(str(url.database)).expanduser().absolute().parent
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"cannot open the database {shown(url)}: folder {folder}: {error.strerror}"
        ) from None
    url = url.set(database=str(Path(str(url.database)).expanduser()))
    engine = sa.create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    _WRITERS[engine] = threading.Lock()
    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where _begin says
    connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_TIMEOUT_S * 1000)}")
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Changing the journal asks for the file alone and does not heed busy_timeout."""
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    read_only = bool(connection.get_execution_options().get("undertone_read_only"))
    connection.exec_driver_sql(f"PRAGMA query_only = {int(read_only)}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

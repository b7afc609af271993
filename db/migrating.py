"""Bringing the tables of a database to the form that this program knows."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from db.errors import DatabaseError

VERSION_TABLE = "schema_version"
"""Of our own name, for MLflow keeps an `alembic_version` and may share a database with us."""

HEAD = "0003"
"""The newest migration in db/migrations/versions: known here, so that alembic need not be read."""

_ADVISORY_LOCK = 0x556E646572  # any number, the same in every process


def upgrade(engine: Engine) -> None:
    """Make or migrate the tables; at the newest version this is one query.

    Processes that start at once wait for one another. All of it is one transaction. Raises
    DatabaseError when the database was written by a newer version of this program.
    """
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        raw: Any = connection.connection.dbapi_connection
        if sqlite:  # rebuilding a table must not take along the rows that point to it
            raw.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
                _migrate(connection)
        finally:
            if sqlite:
                raw.execute("PRAGMA foreign_keys = ON")


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    table = sa.table(VERSION_TABLE, sa.column("version_num"))
    return connection.execute(sa.select(table.c.version_num)).scalar_one_or_none()


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    if _version(connection) == HEAD:
        return
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise DatabaseError(
            f"the records are at schema {_version(connection)!r}, which this version of Undertone "
            f"(schema {HEAD!r}) does not know: use the version that wrote them, or a newer one "
            f"({error})"
        ) from error
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise DatabaseError(f"after migration a row of {broken[0]} points to nothing")


def alembic_config(connection: Connection) -> Any:
    """Alembic's configuration over an open connection, without a file."""
    from alembic.config import Config

    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config

"""Every test that asks for `engine` or `url` runs on SQLite and on PostgreSQL."""

import itertools
import multiprocessing
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from db.engine import connect, upgrade
from db.schema import metadata
from tests.postgres import NoPostgresError, postgres_cluster

# Processes that a test starts need not read pandas again, each for itself.
multiprocessing.set_forkserver_preload(["db.batches", "db.judgements", "db.segments"])

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this session, or a skip that says why there is none."""
    try:
        with postgres_cluster() as url:
            yield url
    except NoPostgresError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file at the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    engine = connect(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    """The URL of a PostgreSQL database at the newest schema; each test empties it first."""
    url = new_database(postgres_url)
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    return url


def new_database(server_url: str) -> str:
    """Make a database on a server; returns its URL."""
    name = f"undertone_{next(_numbers)}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    server.dispose()
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _empty(url: str) -> None:
    tables = ", ".join(f'"{name}"' for name in metadata.tables)
    server = sa.create_engine(url)
    with server.begin() as connection:
        # Without triggers, for some tables refuse to be emptied.
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, on each back end."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of records with all tables and no rows, on each back end."""
    if request.param == "sqlite":
        path = tmp_path / "records.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    postgres: str = request.getfixturevalue("migrated_postgres")
    _empty(postgres)
    return postgres


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Records with all tables and no rows, on each back end."""
    engine = connect(url)
    yield engine
    engine.dispose()

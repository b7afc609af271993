"""Every test that asks for `engine` runs on SQLite and on PostgreSQL."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url

from db.engine import connect, upgrade
from tests.postgres import PostgresMissing, postgres_cluster

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this session, or a skip that says why there is none."""
    try:
        with postgres_cluster() as url:
            yield url
    except PostgresMissing as reason:
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
    """The name of an empty PostgreSQL database at the newest schema, to be copied."""
    url = new_database(postgres_url, "undertone_empty")
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    return "undertone_empty"


def new_database(server_url: str, name: str, template: str = "template1") -> str:
    """Make a database on a server; returns its URL."""
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    server.dispose()
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, on each back end."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server = request.getfixturevalue("postgres_url")
    return new_database(server, f"undertone_{next(_numbers)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of records with all tables and no rows, on each back end."""
    if request.param == "sqlite":
        path = tmp_path / "records.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    server = request.getfixturevalue("postgres_url")
    template = request.getfixturevalue("migrated_postgres")
    return new_database(server, f"undertone_{next(_numbers)}", template)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Records with all tables and no rows, on each back end."""
    engine = connect(url)
    yield engine
    engine.dispose()

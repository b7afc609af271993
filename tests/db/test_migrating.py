import multiprocessing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.engine import DatabaseError, connect, transaction, upgrade
from db.migrating import HEAD, VERSION_TABLE, alembic_config
from db.schema import APPEND_ONLY, metadata


def test_the_migrations_build_exactly_the_tables_that_the_code_knows(engine):
    with transaction(engine) as tx:
        context = MigrationContext.configure(tx, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_that_the_code_asks_for(engine):
    with transaction(engine) as tx:
        script = ScriptDirectory.from_config(alembic_config(tx))
        assert script.get_heads() == [HEAD]
        assert tx.scalar(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")) == HEAD


def test_upgrading_again_changes_nothing(engine):
    upgrade(engine)
    upgrade(engine)
    with transaction(engine, write=False) as tx:
        assert set(sa.inspect(tx).get_table_names()) == {*metadata.tables, VERSION_TABLE}


def _upgrade(url: str) -> None:
    engine = connect(url)
    upgrade(engine)
    engine.dispose()


@pytest.mark.slow
def test_processes_that_upgrade_at_once_wait_for_each_other(empty_url):
    forks = multiprocessing.get_context("forkserver")
    processes = [forks.Process(target=_upgrade, args=(empty_url,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    engine = connect(empty_url)
    with transaction(engine, write=False) as tx:
        assert tx.scalar(sa.text(f"SELECT count(*) FROM {VERSION_TABLE}")) == 1
    engine.dispose()


def test_records_of_a_newer_program_are_refused_in_one_line(empty_url):
    engine = connect(empty_url)
    upgrade(engine)
    with transaction(engine) as tx:
        tx.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=r"schema '9999'.*does not know") as caught:
        upgrade(engine)
    assert "\n" not in str(caught.value)
    engine.dispose()


def test_every_table_of_judgements_refuses_changes_after_the_migrations(engine):
    found = set()
    with transaction(engine, write=False) as tx:
        if engine.dialect.name == "sqlite":
            query = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        else:
            query = "SELECT event_object_table FROM information_schema.triggers"
        found = set(tx.scalars(sa.text(query)))
    assert found == set(APPEND_ONLY)


def test_foreign_keys_hold_again_after_an_upgrade(tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path / 'records.db'}")
    upgrade(engine)
    with transaction(engine) as tx:
        assert tx.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()

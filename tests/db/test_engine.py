import shutil
import threading

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

import db.audit
from db.engine import DatabaseError, connect, shown, transaction


def _n_entries(tx) -> int:
    return len(db.audit.entries(tx))


def _note(tx, subject: str = "x") -> None:
    db.audit.note(tx, actor="eve", action="tries", subject=subject)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://u:hunter2@host/db", "kind 'mysql'"),
        ("hunter2 is not a URL", "cannot be read"),
        ("postgresql://u:hunter2@host:port/db", "cannot be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:////nowhere/at/all/records.db", "folder /nowhere/at/all"),
    ],
)
def test_a_bad_url_is_one_line_that_says_what_is_wrong_and_shows_no_password(url, says):
    with pytest.raises(DatabaseError) as caught:
        connect(url)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://eve:hunter2@127.0.0.1:9/records",
        "postgres://eve@/records?host=/nowhere&password=hunter2",
    ],
)
def test_an_unreachable_server_is_one_line_that_shows_no_password(url):
    with pytest.raises(DatabaseError) as caught:
        connect(url)
    assert "cannot open the database postgresql" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_password_is_hidden_wherever_it_stands_in_a_url():
    url = make_url("postgresql://eve:hunter2@host/db?password=hunter2&sslpassword=hunter2")
    assert "hunter2" not in shown(url)


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("Dear diary, " * 100, encoding="utf-8")
    with pytest.raises(DatabaseError, match=r"notes\.db: .*not a database"):
        connect(f"sqlite:///{path}")


def test_sqlite_keeps_what_it_acknowledged_and_waits_for_its_turn(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'new folder' / 'records.db'}")
    said = {}
    with transaction(engine) as tx:
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            said[name] = tx.exec_driver_sql(f"PRAGMA {name}").scalar()
    engine.dispose()
    full = 2
    assert said == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


def test_a_block_that_raises_leaves_nothing(engine):
    with pytest.raises(RuntimeError), transaction(engine) as tx:
        _note(tx)
        raise RuntimeError
    with transaction(engine, write=False) as tx:
        assert _n_entries(tx) == 0


def test_a_reading_transaction_cannot_write_and_the_next_can(engine):
    with (
        pytest.raises(DBAPIError, match=r"read-?only"),
        transaction(engine, write=False) as tx,
    ):
        _note(tx)
    with transaction(engine) as tx:
        _note(tx)
    with transaction(engine, write=False) as tx:
        assert _n_entries(tx) == 1


def test_a_reader_sees_one_unmoving_state_and_does_not_hold_up_a_writer(engine):
    with transaction(engine, write=False) as reading:
        assert _n_entries(reading) == 0
        with transaction(engine) as writing:
            _note(writing)
        assert _n_entries(reading) == 0
    with transaction(engine, write=False) as reading:
        assert _n_entries(reading) == 1


def test_writers_on_sqlite_wait_for_one_another(migrated_sqlite, tmp_path):
    path = tmp_path / "records.db"
    shutil.copy(migrated_sqlite, path)
    engine = connect(f"sqlite:///{path}")
    order = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with transaction(engine) as tx:
            order.append("second")
            _note(tx)

    thread = threading.Thread(target=second)
    thread.start()
    with transaction(engine) as tx:
        inside.set()
        _note(tx)
        thread.join(0.1)
        order.append("first")
    thread.join()
    with transaction(engine, write=False) as tx:
        assert _n_entries(tx) == 2
    engine.dispose()
    assert order == ["first", "second"]


def test_numbers_of_numpy_and_values_that_are_not_known_are_kept(engine):
    detail = {"n": np.int64(3), "uar": np.float32(0.5), "ece": float("nan"), "p": np.arange(2)}
    with transaction(engine) as tx:
        db.audit.note(tx, actor="eve", action="scores", subject="x", detail=detail)
    with transaction(engine, write=False) as tx:
        (entry,) = db.audit.entries(tx)
    assert entry.detail == {"n": 3, "uar": 0.5, "ece": None, "p": [0, 1]}
    assert entry.at.utcoffset() is not None


@pytest.mark.parametrize("bad", ["a\0b", "file\udc80.wav"])
def test_text_that_no_database_holds_is_refused_alike(engine, bad):
    with pytest.raises(ValueError, match="NUL or is not valid Unicode"), transaction(engine) as tx:
        _note(tx, bad)


def test_the_audit_trail_cannot_be_changed(engine):
    for statement in ("UPDATE audit SET actor = 'mallory'", "DELETE FROM audit"):
        with transaction(engine) as tx:
            _note(tx)
        with pytest.raises(DBAPIError, match="append-only"), transaction(engine) as tx:
            tx.execute(sa.text(statement))

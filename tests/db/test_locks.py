import time

import db.locks
from db.engine import transaction


def _acquire(engine, me: str, ttl_s: float = 60) -> bool:
    with transaction(engine) as tx:
        return db.locks.acquire(tx, "round", me, ttl_s)


def test_a_lock_has_one_holder_until_it_is_given_back(engine):
    assert _acquire(engine, "elsewhere:1:1")
    assert not _acquire(engine, "elsewhere:2:1")
    assert _acquire(engine, "elsewhere:1:1")
    with transaction(engine) as tx:
        held = db.locks.get(tx, "round")
        db.locks.release(tx, "round", "elsewhere:2:1")
        assert db.locks.get(tx, "round") == held
        db.locks.release(tx, "round", "elsewhere:1:1")
        assert db.locks.get(tx, "round") is None
    assert held.holder == "elsewhere:1:1"
    assert 50 < (held.expires_at - held.acquired_at).total_seconds() < 70
    assert _acquire(engine, "elsewhere:2:1")


def test_a_lock_whose_time_is_over_can_be_taken_and_the_old_holder_is_told(engine):
    assert _acquire(engine, "elsewhere:1:1", ttl_s=0.01)
    time.sleep(0.02)
    assert _acquire(engine, "elsewhere:2:1")
    with transaction(engine) as tx:
        assert not db.locks.renew(tx, "round", "elsewhere:1:1", 60)
        assert db.locks.renew(tx, "round", "elsewhere:2:1", 600)
        held = db.locks.get(tx, "round")
    assert (held.expires_at - held.acquired_at).total_seconds() > 500


def test_a_lock_is_kept_while_its_holder_lives(engine):
    assert _acquire(engine, db.locks.holder())
    assert not _acquire(engine, "elsewhere:1:1")

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import db.champions
import db.rounds
from db.engine import transaction
from db.records import ChampionMove


def test_a_rounds_verdict_is_recorded_once_and_for_good(engine):
    verdict = ChampionMove(1, None, "3", "log_loss", float("nan"), 1.25, "the first", True)
    with transaction(engine) as tx:
        db.rounds.begin_round(tx, seed=0, params={})
        assert db.champions.of_round(tx, 1) is None
        db.champions.record(tx, verdict)
        db.champions.record(tx, replace(verdict, moved=False, reason="otherwise"))
        stands = db.champions.of_round(tx, 1)
        assert db.champions.list_moves(tx) == [stands]
    assert replace(stands, decided_at=None) == replace(verdict, old_score=None)
    assert stands.decided_at is not None
    with pytest.raises(DBAPIError, match="append-only"), transaction(engine) as tx:
        tx.execute(sa.text("DELETE FROM champion_move"))

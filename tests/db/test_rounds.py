import pytest

import db.rounds
from db.engine import transaction


def test_an_unfinished_round_is_taken_up_as_it_was_begun(engine):
    with transaction(engine) as tx:
        first = db.rounds.begin_round(tx, seed=7, params={"batch_size": 48, "sources": ["a"]})
        db.rounds.record_step(tx, 1, "pull", result={}, seconds=0.1)
    with transaction(engine) as tx:
        assert db.rounds.begin_round(tx, seed=8, params={}) == first
    assert (first.number, first.seed, first.state) == (1, 7, "running")
    assert first.params == {"batch_size": 48, "sources": ["a"]}


def test_a_round_of_which_nothing_is_finished_is_begun_as_is_asked_now(engine):
    with transaction(engine) as tx:
        db.rounds.begin_round(tx, seed=7, params={"sources": ["gone"]})
        db.rounds.record_step(tx, 1, "pull", result={}, seconds=0.1)
        db.rounds.rewind(tx, 1)
        again = db.rounds.begin_round(tx, seed=8, params={"sources": ["there"]})
    assert (again.number, again.seed, again.params) == (1, 8, {"sources": ["there"]})


def test_a_finished_round_keeps_its_steps(engine):
    with transaction(engine) as tx:
        db.rounds.begin_round(tx, seed=7, params={})
        db.rounds.record_step(tx, 1, "pull", result={"n": 1}, seconds=0.1)
        db.rounds.finish_round(tx, 1, metrics={})
        db.rounds.rewind(tx, 1)
        assert db.rounds.results(tx, 1) == {"pull": {"n": 1}}


def test_the_next_round_follows_a_finished_one(engine):
    with transaction(engine) as tx:
        db.rounds.begin_round(tx, seed=1, params={})
        db.rounds.note_run(tx, 1, "run-abc")
        db.rounds.finish_round(tx, 1, metrics={"uar": 0.5, "ece": float("nan")})
        db.rounds.finish_round(tx, 1, metrics={"uar": 0.9})
        assert db.rounds.begin_round(tx, seed=2, params={}).number == 2
        first, second = db.rounds.list_rounds(tx)
    assert (first.state, first.metrics, first.mlflow_run_id) == (
        "done", {"uar": 0.5, "ece": None}, "run-abc",
    )  # fmt: skip
    assert first.finished_at > first.started_at
    assert (second.state, second.metrics, second.finished_at) == ("running", {}, None)


def test_a_step_is_recorded_once_and_what_was_recorded_first_stands(engine):
    with transaction(engine) as tx:
        db.rounds.begin_round(tx, seed=1, params={})
        given = {"artifact": ("votes", "h1"), "loss": float("nan")}
        stands = db.rounds.record_step(tx, 1, "votes", result=given, seconds=1.5)
        db.rounds.record_step(tx, 1, "label", result={}, seconds=0.1)
        again = db.rounds.record_step(tx, 1, "votes", result={"n": 2}, seconds=9)
        assert list(db.rounds.results(tx, 1)) == ["votes", "label"]
        assert db.rounds.steps(tx, 1)[0].seconds == 1.5
    assert again == stands == {"artifact": ["votes", "h1"], "loss": None}


def test_an_unknown_round_is_refused_with_the_known_ones(engine):
    with transaction(engine) as tx:
        with pytest.raises(ValueError, match=r"no round 3 \(there are none yet\)"):
            db.rounds.get(tx, 3)
        db.rounds.begin_round(tx, seed=1, params={})
        with pytest.raises(ValueError, match=r"no round 3 \(known: 1 to 1\)"):
            db.rounds.get(tx, 3)

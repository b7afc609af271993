import db.artifacts
import db.rounds
from db.engine import transaction


def test_an_artifact_made_again_keeps_its_record_but_for_its_place_and_size(engine):
    about = {"kind": "features", "version": "1", "made_from": {"segments": ["a", "b"], "x": 0.5}}
    with transaction(engine) as tx:
        db.artifacts.register(tx, id="h1", path="features/h1", n_rows=2, **about)
        first = db.artifacts.get(tx, "h1")
        db.artifacts.register(tx, id="h1", path="features/again", n_rows=1, **about)
        (again,) = db.artifacts.find(tx, "features")
    assert first.made_from == about["made_from"]
    assert (again.path, again.n_rows, again.created_at) == ("features/again", 1, first.created_at)


def test_artifacts_are_found_by_kind_version_and_round_oldest_first(engine):
    with transaction(engine) as tx:
        db.rounds.begin_round(tx, seed=1, params={})
        for identity, kind, version, number in (
            ("z", "votes", "1", None),
            ("y", "votes", "2", 1),
            ("x", "scores", "2", None),
            ("a", "votes", "2", None),
        ):
            db.artifacts.register(
                tx, id=identity, kind=kind, version=version, path=identity, n_rows=0,
                made_from={}, round_number=number,
            )  # fmt: skip
        found = [
            [one.id for one in db.artifacts.find(tx, "votes", **by)]
            for by in ({}, {"version": "2"}, {"round_number": 1})
        ]
        assert db.artifacts.get(tx, "nothing") is None
    assert found == [["z", "y", "a"], ["y", "a"], ["y"]]

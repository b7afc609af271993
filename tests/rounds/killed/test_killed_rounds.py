"""kill -9 at named points of a round, then the same again: as if nothing had happened.

The undisturbed round and the killed ones start from copies of one workspace at one path (MLflow
keeps absolute paths): it has a finished round, judged by the simulated expert, so that the next
round has gold to train on, a champion to choose and a batch to publish.
"""

import pytest

import rounds.round
from tests.rounds.killed.normal_form import differences

CLIENT = "mlflow.tracking.client:MlflowClient"

FIRST_ROUND = (
    "rounds.ingest:_take:before",
    "db.segments:add:before",  # recordings in the transaction, their segments not
    "db.reference_labels:add:after",  # all in the transaction, not committed
    "db.speakers:assign_splits:before",  # committed, speakers without a split
    "db.speakers:assign_splits:after",
    "rounds.features:plan:after",
    "audio.features:extract_many:after",  # a chunk computed, its file not written
    "rounds.features:sync:after",  # written, not in its place
    "rounds.features:record:before",  # in its place, without a row
    "rounds.features:record:after",  # with a row, the other chunks to come
    "models.mlflow_setup:prepare_sqlite:before",
    "mlflow.store.db.utils:_initialize_tables:after",  # MLflow's tables beside their place
    f"{CLIENT}.create_experiment:after",
    "db.champions:record:after",  # no gold yet: a verdict that moves nothing
)
WRITES = (
    "rounds.artifacts:_fill:after:/snapshot/",  # in place, not registered
    "db.artifacts:register:after",  # registered, not committed
    "rounds.artifacts:sync:before",  # votes written, not renamed
    "rounds.votes:make:after",  # registered, the step not recorded
    "rounds.soft_labels:make:after",
    "rounds.training:train:after",  # trained, not saved
    "rounds.artifacts:sync_folder:before:model",  # renamed
    "rounds.training:make:after",
    "rounds.scoring:make:after",
    f"{CLIENT}.create_run:before:",
    f"{CLIENT}.create_run:after",  # the run is there, and nobody knows its id
    f"{CLIENT}.log_batch:after",
    f"{CLIENT}.set_terminated:after",  # the first stage is logged
    f"{CLIENT}.create_logged_model:after",  # a model without files
    f"{CLIENT}.log_model_artifacts:after",  # with files, not ready
    f"{CLIENT}.finalize_logged_model:after",  # ready, not said to be the run's, not registered
    f"{CLIENT}.create_model_version:before",
    f"{CLIENT}.create_model_version:after",
    "db.champions:record:before",
    "models.tracking:Tracker.move_champion:before",  # the record is there, the alias is not
    f"{CLIENT}.set_registered_model_alias:before",
    f"{CLIENT}.set_registered_model_alias:after",
    "rounds.selection:make:after",
    "db.batches:insert_new:after",  # the batch is there, its segments are not: one transaction
    "rounds.round:publish:after",
    "rounds.round:write_report:after",
    f"{CLIENT}.log_artifact:after",
    "db.rounds:finish_round:after",
)
RECORDED = tuple(
    point
    for name in rounds.round.STEPS
    for point in (f"db.rounds:record_step:before:'{name}'", f"rounds.round:run_step:after:'{name}'")
)


@pytest.mark.slow
def test_the_undisturbed_round_leaves_what_the_others_are_held_to(undisturbed):
    found = undisturbed["second"]
    assert [row["state"] for row in found["records"]["round"]] == ["done", "done"]
    assert [row["moved"] for row in found["records"]["champion_move"]] == [False, True]
    assert [(row["n_items"], row["state"]) for row in found["records"]["batch"]] == [
        (12, "complete"),
        (12, "open"),
    ]
    assert found["artifacts"]["features"][0] == 48
    names = [run["name"] for run in found["mlflow"]["runs"]]
    assert [name for name in names if name.startswith("round-")] == [
        "round-1",
        "round-2",
    ]
    assert [version[:3] for version in found["mlflow"]["versions"]] == [
        ("undertone-emotion", 1, "round-1"),
        ("undertone-emotion", 2, "round-2"),
    ]
    assert found["mlflow"]["aliases"] == {"undertone-emotion": {"champion": 2}}
    assert found["records"]["lock"] == []


@pytest.mark.slow
def test_a_first_round_killed_at_every_write_of_its_records_ends_as_if_undisturbed(
    undisturbed, place
):
    place.empty()
    for point in FIRST_ROUND:
        place.killable.killed(point, **place.round)
    place.killable.done(**place.round)
    assert differences(place.holds(), undisturbed["first"]) == []


@pytest.mark.slow
@pytest.mark.parametrize("points", [WRITES, RECORDED], ids=["each write", "each step's record"])
def test_a_round_killed_again_and_again_ends_as_if_undisturbed(undisturbed, place, points):
    place.again()
    for point in points:
        place.killable.killed(point, **place.round)
    place.killable.done(**place.round)
    assert differences(place.holds(), undisturbed["second"]) == []


@pytest.mark.slow
def test_a_round_killed_once_ends_as_if_undisturbed(undisturbed, place):
    place.again()
    place.killable.killed("models.tracking:Tracker.move_champion:before", **place.round)
    place.killable.done(**place.round)
    assert differences(place.holds(), undisturbed["second"]) == []

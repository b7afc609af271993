"""kill -9 at named points of a round, then the same again: as if nothing had happened.

The undisturbed round and the killed ones start from copies of one workspace at one path (MLflow
keeps absolute paths): it has a finished round, judged by the simulated expert, so that the next
round has gold to train on, a champion to choose and a batch to publish.
"""

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import rounds.round
from corpora.synthetic import make_synthetic_corpus
from tests.rounds.normal_form import differences

REPOSITORY = Path(__file__).resolve().parents[2]
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


class Killable:
    """The process that does jobs in children of its own (see killable.py)."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("killable.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            cwd=REPOSITORY,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        assert self._answer() == {"ready": True}

    def killed(self, point: str, **job) -> None:
        """Do a job that is to die at the point."""
        found = self._ask(kill=point, **job)
        assert found["killed"], f"it did not come to {point}: {found['said'] or 'it ended well'}"

    def done(self, **job) -> None:
        """Do a job to its end."""
        found = self._ask(**job)
        assert found["done"], found["said"]

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
        self._log.close()

    def _ask(self, **job) -> dict:
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict:
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def killable(tmp_path_factory):
    process = Killable(tmp_path_factory.mktemp("driver") / "log")
    yield process
    process.stop()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    make_synthetic_corpus(folder, n_clips=48, n_voices=8, seed=1)
    return folder


class Place:
    """One path at which workspaces are played through, one after the other."""

    def __init__(self, folder: Path, corpus: Path, killable: Killable) -> None:
        self.home = folder / "home"
        self.kept = folder / "kept"
        self.killable = killable
        self.round = {
            "do": "round", "home": str(self.home), "sources": [str(corpus)], "batch_size": 12,
        }  # fmt: skip

    def holds(self) -> dict:
        """All that the workspace holds, in its normal form."""
        file = self.kept.with_name("held")
        self.killable.done(do="write down", home=str(self.home), file=str(file))
        return pickle.loads(file.read_bytes())

    def empty(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir()

    def again(self) -> None:
        """As it was when the first round was judged."""
        shutil.rmtree(self.home)
        shutil.copytree(self.kept, self.home)


@pytest.fixture(scope="module")
def place(tmp_path_factory, corpus, killable):
    return Place(tmp_path_factory.mktemp("place"), corpus, killable)


@pytest.fixture(scope="module")
def undisturbed(place):
    """What the workspace holds after a first and after a second round that nobody disturbed."""
    place.empty()
    place.killable.done(**place.round)
    first = place.holds()
    place.killable.done(do="judge", home=str(place.home), batch="round-1")
    shutil.copytree(place.home, place.kept)
    place.killable.done(**place.round)
    return {"first": first, "second": place.holds()}


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
@pytest.mark.parametrize(
    "point",
    [
        f"{CLIENT}.finalize_logged_model:after",
        "models.tracking:Tracker.move_champion:before",
    ],
)
def test_a_round_killed_once_ends_as_if_undisturbed(undisturbed, place, point):
    place.again()
    place.killable.killed(point, **place.round)
    place.killable.done(**place.round)
    assert differences(place.holds(), undisturbed["second"]) == []

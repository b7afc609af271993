"""kill -9 at named points of a round, then the same again: as if nothing had happened.

The undisturbed round and the killed ones start from copies of one workspace at one path (MLflow
keeps absolute paths): it has a finished round, judged by the simulated expert, so that the next
round has gold to train on, a champion to choose and a batch to publish.
"""

import json
import os
import pickle
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import rounds.round
from corpora.synthetic import make_synthetic_corpus
from tests.processes import MARK, marked, wait_until
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
IMPORT = (
    "annotation.batch_files:read_rows:after",
    "db.judgements:_insert:after",  # judgements without what they say
    "db.judgements:add:after",  # all in the transaction, not committed
    "db.batches:refresh_batch:after",  # the batch complete, not committed
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
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY), MARK: "job"},
        )  # fmt: skip
        assert self._answer() == {"ready": True}

    def killed(self, point: str, **job) -> None:
        """Do a job that is to die at the point."""
        found = self._ask(kill=point, **job)
        assert found["killed"], f"it did not come to {point}: {found['said'] or 'it ended well'}"

    def failed(self, **job) -> str:
        """Do a job that is to fail; what it said."""
        found = self._ask(**job)
        assert not found["done"]
        assert not found["killed"]
        return found["said"]

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
        self.unjudged = folder / "unjudged"
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

    def again(self, kept: Path | None = None) -> None:
        """As it was when the first round was judged (or as kept elsewhere)."""
        shutil.rmtree(self.home)
        shutil.copytree(kept or self.kept, self.home)

    def ask(self, question: str) -> list[tuple]:
        """Of the records, in SQL."""
        with sqlite3.connect(self.home / ".undertone" / "undertone.db") as records:
            rows = records.execute(question).fetchall()
        records.close()
        return rows


@pytest.fixture(scope="module")
def place(tmp_path_factory, corpus, killable):
    return Place(tmp_path_factory.mktemp("place"), corpus, killable)


@pytest.fixture(scope="module")
def undisturbed(place):
    """What the workspace holds after a first and after a second round that nobody disturbed."""
    place.empty()
    place.killable.done(**place.round)
    first = place.holds()
    shutil.copytree(place.home, place.unjudged)
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
def test_a_round_killed_once_ends_as_if_undisturbed(undisturbed, place):
    place.again()
    place.killable.killed("models.tracking:Tracker.move_champion:before", **place.round)
    place.killable.done(**place.round)
    assert differences(place.holds(), undisturbed["second"]) == []


@pytest.mark.slow
def test_a_killed_worker_fails_the_round_and_a_killed_round_ends_its_workers(undisturbed, place):
    place.empty()
    job = {**place.round, "n_workers": 2}
    said = place.killable.failed(kill_worker="audio.features:extract_many:before", **job)
    assert "BrokenProcessPool" in said
    before = len(marked("job"))
    place.killable.killed("rounds.features:record:before", **job)
    wait_until(lambda: len(marked("job")) <= before, 5, "workers are gone")
    place.killable.done(**place.round)
    assert differences(place.holds(), undisturbed["first"]) == []


@pytest.mark.slow
def test_a_killed_ingest_goes_on_where_it_was(place, corpus):
    job = {"do": "ingest", "home": str(place.home), "source": str(corpus)}
    place.empty()
    place.killable.done(**job)
    wanted = place.holds()["records"]
    assert len(wanted["recording"]) == len(wanted["segment"]) == 48
    place.empty()
    for point in FIRST_ROUND[:5]:
        place.killable.killed(point, **job)
    place.killable.done(**job)
    assert differences(place.holds()["records"], wanted) == []


@pytest.mark.slow
def test_a_killed_import_stores_all_or_nothing_and_then_all_of_it(undisturbed, place, tmp_path):
    place.again(place.unjudged)
    segments = [row[0] for row in place.ask("SELECT segment_id FROM batch_item ORDER BY rank")]
    file = tmp_path / "judged.csv"
    rows = [f"round-1,{segment},anger,2" for segment in segments]
    file.write_text("\n".join(["batch,segment,emotion,valence", *rows]), encoding="utf-8")
    job = {"do": "import", "home": str(place.home), "file": str(file)}
    place.killable.done(**job)
    wanted = place.holds()["records"]
    assert len(wanted["judgement"]) == len(wanted["judgement_value"]) / 2 == 12
    assert [batch["state"] for batch in wanted["batch"]] == ["complete"]

    place.again(place.unjudged)
    for point in IMPORT:
        place.killable.killed(point, **job)
        assert place.ask("SELECT count(*) FROM judgement") == [(0,)]
    place.killable.killed("annotation.batch_files:import_judgements:after", **job)
    assert differences(place.holds()["records"], wanted) == []  # told or not, they are durable
    place.killable.done(**job)
    assert differences(place.holds()["records"], wanted) == []


@pytest.mark.slow
def test_the_command_killed_twice_ends_as_if_undisturbed_and_leaves_no_process(
    undisturbed, place, corpus, tmp_path
):
    place.empty()
    settings = f'sources = ["{corpus}"]\nbatch_size = 12\nn_workers = 1\n'
    (place.home / "undertone.toml").write_text(settings, encoding="utf-8")
    environment = {
        **os.environ, "PREFECT_HOME": str(tmp_path), "OMP_NUM_THREADS": "1", MARK: "command",
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("undertone")), "--home", str(place.home), "round"]

    def recorded(step: str) -> bool:
        try:
            found = place.ask("SELECT step FROM round_step")
        except sqlite3.OperationalError:  # there are no tables yet
            return False
        return (step,) in found

    def run(until) -> int:
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        wait_until(lambda: until() or process.poll() is not None, 120, "the point")
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        code = process.wait(10)
        wait_until(lambda: not marked("command"), 5, "all processes are gone")
        return code

    def workers_at_work() -> bool:
        return any("spawn_main" in " ".join(p.cmdline()) for p in marked("command"))

    assert run(lambda: recorded("pull") and workers_at_work()) == -signal.SIGKILL
    assert run(lambda: recorded("score")) == -signal.SIGKILL
    assert run(lambda: False) == 0, (tmp_path / "log").read_text(encoding="utf-8")
    (place.home / "undertone.toml").unlink()
    assert differences(place.holds(), undisturbed["first"]) == []

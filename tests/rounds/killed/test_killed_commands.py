"""kill -9 of what is not a round by itself: workers, an ingest, an import, the whole command."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.processes import MARK, described, marked, wait_until
from tests.rounds.killed.conftest import JOB
from tests.rounds.killed.normal_form import differences

COMMAND = f"command of {os.getpid()}"
INGEST = (
    "rounds.ingest:_take:before",
    "db.segments:add:before",  # recordings in the transaction, their segments not
    "db.reference_labels:add:after",  # all in the transaction, not committed
    "db.speakers:assign_splits:before",  # committed, speakers without a split
    "db.speakers:assign_splits:after",
)
IMPORT = (
    "annotation.batch_files:read_rows:after",
    "db.judgements:_insert:after",  # judgements without what they say
    "db.judgements:add:after",  # all in the transaction, not committed
    "db.batches:refresh_batch:after",  # the batch complete, not committed
)


@pytest.mark.slow
def test_a_killed_worker_fails_the_round_and_a_killed_round_ends_its_workers(undisturbed, place):
    place.empty()
    job = {**place.round, "n_workers": 2}
    said = place.killable.failed(kill_worker="audio.features:extract_many:before", **job)
    assert "BrokenProcessPool" in said
    before = len(marked(JOB))
    place.killable.killed("rounds.features:record:before", **job)
    wait_until(lambda: len(marked(JOB)) <= before, 60, "workers are gone")
    place.killable.done(**place.round)
    assert differences(place.holds(), undisturbed["first"]) == []


@pytest.mark.slow
def test_a_killed_ingest_goes_on_where_it_was(place, clips):
    job = {"do": "ingest", "home": str(place.home), "source": str(clips)}
    place.empty()
    place.killable.done(**job)
    wanted = place.holds()["records"]
    assert len(wanted["recording"]) == len(wanted["segment"]) == 48
    place.empty()
    for point in INGEST:
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
def test_the_command_killed_twice_ends_as_if_undisturbed_and_leaves_no_worker(
    undisturbed, place, clips, tmp_path
):
    place.empty()
    settings = f'sources = ["{clips}"]\nbatch_size = 12\nn_workers = 1\n'
    (place.home / "undertone.toml").write_text(settings, encoding="utf-8")
    mine = f"command in {tmp_path}"  # another run of these tests has another
    environment = {
        **os.environ, "PREFECT_HOME": str(tmp_path), "OMP_NUM_THREADS": "1", MARK: mine,
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
        code = process.wait(60)
        wait_until(lambda: not workers_at_work(), 60, "the workers are gone")
        for left in marked(mine):  # a server of Prefect's own may outlive a worker that began it
            with suppress(psutil.Error):
                left.kill()
        return code

    def workers_at_work() -> bool:
        return any("spawn_main" in line for line in described(mine))

    assert run(lambda: recorded("pull") and workers_at_work()) == -signal.SIGKILL
    assert run(lambda: recorded("score")) == -signal.SIGKILL
    assert run(lambda: False) == 0, (tmp_path / "log").read_text(encoding="utf-8")
    (place.home / "undertone.toml").unlink()
    assert differences(place.holds(), undisturbed["first"]) == []

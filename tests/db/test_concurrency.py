"""Several processes at once: one winner, nothing lost, nothing twice."""

import itertools
import multiprocessing
import time
from multiprocessing.queues import Queue
from typing import Any

import pytest

import db.batches
import db.judgements
import db.locks
import db.quarantine
import db.recordings
import db.rounds
from db.engine import connect, transaction
from tests.db.samples import a_judgement, a_recording, batch_items, store_clips

N_PROCESSES = 4
N_TURNS = 6
N_JUDGEMENTS = 120


def _work(url: str, me: int, start: Any, answers: "Queue[dict[str, Any]]") -> None:
    engine = connect(url)
    with transaction(engine, write=False) as tx:
        segments = [item.segment_id for item in db.batches.items(tx, "b")]
    start.wait()
    said: dict[str, Any] = {}
    with transaction(engine) as tx:
        said["won"] = db.locks.acquire(tx, "once", f"elsewhere:{me}:1", 600)
    same = [a_judgement(f"same{i}", segments[0]) for i in range(N_JUDGEMENTS)]
    mine = [a_judgement(f"own{me}-{i}", segments[0]) for i in range(N_JUDGEMENTS)]
    claim = a_judgement("claim", segments[0], annotator=f"expert {me}")
    with transaction(engine) as tx:
        said["judged"] = db.judgements.add(tx, [*same, claim, *mine])
    with transaction(engine) as tx:
        db.judgements.add(tx, [a_judgement(f"last{me}", segments[me], annotator=f"expert {me}")])
        said["completed"] = db.batches.refresh_batch(tx, "b")
    with transaction(engine) as tx:
        said["round"] = db.rounds.begin_round(tx, seed=me, params={"me": me})
    with transaction(engine) as tx:
        db.quarantine.quarantine(tx, "a.wav", "line 1", "is empty")
    with transaction(engine) as tx:
        shared = [a_recording(f"r{i}", speaker=f"s{(i + me) % 7}") for i in range(200)]
        said["recorded"] = db.recordings.add(tx, shared[::-1] if me % 2 else shared)
    said["turns"] = [_turn(engine, f"elsewhere:{me}:1") for _ in range(N_TURNS)]
    engine.dispose()
    answers.put(said)


def _turn(engine: Any, me: str) -> tuple[float, float]:
    """Hold a lock for a moment; returns from when to when."""
    while True:
        with transaction(engine) as tx:
            if db.locks.acquire(tx, "turns", me, 600):
                break
        time.sleep(0.002)
    since = time.monotonic()
    time.sleep(0.002)
    until = time.monotonic()
    with transaction(engine) as tx:
        db.locks.release(tx, "turns", me)
    return since, until


@pytest.mark.slow
def test_of_several_processes_one_wins_and_nothing_is_lost_or_twice(url):
    engine = connect(url)
    with transaction(engine) as tx:
        segments = store_clips(tx, N_PROCESSES)
        db.batches.publish_batch(tx, "b", batch_items("b", segments))
    answers = _run(url)

    assert sorted(said["won"] for said in answers) == [False] * (N_PROCESSES - 1) + [True]

    turns = sorted(turn for said in answers for turn in said["turns"])
    assert len(turns) == N_PROCESSES * N_TURNS
    assert all(one[1] <= after[0] for one, after in itertools.pairwise(turns))

    new = [identity for said in answers for identity in said["judged"].new]
    known = [identity for said in answers for identity in said["judged"].known]
    conflicts = [identity for said in answers for identity in said["judged"].conflicts]
    own = {f"own{me}-{i}" for me in range(N_PROCESSES) for i in range(N_JUDGEMENTS)}
    same = {f"same{i}" for i in range(N_JUDGEMENTS)}
    assert len(new) == len(set(new))
    assert set(new) == {*own, *same, "claim"}
    assert sorted(known) == sorted([*same] * (N_PROCESSES - 1))
    assert conflicts == ["claim"] * (N_PROCESSES - 1)

    assert [said["completed"] for said in answers].count(True) == 1
    assert len({said["round"].number for said in answers}) == 1
    recorded = [identity for said in answers for identity in said["recorded"]]
    assert len(recorded) == len(set(recorded)) == 200

    with transaction(engine, write=False) as tx:
        stored = db.judgements.read(tx)
        assert len(db.quarantine.list_entries(tx)) == 1
        assert len(db.rounds.list_rounds(tx)) == 1
        assert db.batches.get(tx, "b").state == "complete"
    assert {one.id for one in stored} == {*new, *(f"last{me}" for me in range(N_PROCESSES))}
    assert all(one.values == {"emotion": "anger"} for one in stored)
    engine.dispose()


def _run(url: str) -> list[dict[str, Any]]:
    forks = multiprocessing.get_context("forkserver")
    start, answers = forks.Barrier(N_PROCESSES), forks.Queue()
    processes = [
        forks.Process(target=_work, args=(url, me, start, answers)) for me in range(N_PROCESSES)
    ]
    for process in processes:
        process.start()
    said = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    return said

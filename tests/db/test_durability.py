"""What was acknowledged is there after `kill -9`, wholly, and nobody has to wait for the dead."""

import subprocess
import sys

import pytest

import db.judgements
import db.locks
from db.engine import connect, transaction
from tests.db.samples import store_clips

_STORE_UNTIL_KILLED = """
import itertools, sys
import db.judgements, db.locks
from db.engine import connect, transaction
from labels.judgements import Judgement

url, segment = sys.argv[1:]
engine = connect(url)
with transaction(engine) as tx:
    assert db.locks.acquire(tx, "round", db.locks.holder(), 3600)
for n in itertools.count():
    said = [
        Judgement(f"{n}-{i}", segment, "eve", "expert", {"emotion": "joy", "valence": "3"})
        for i in range(5)
    ]
    with transaction(engine) as tx:
        db.judgements.add(tx, said)
    print(n, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("n_acknowledged", [1, 17])
def test_judgements_survive_a_kill_once_they_are_acknowledged(url, n_acknowledged):
    engine = connect(url)
    with transaction(engine) as tx:
        (segment,) = store_clips(tx, 1)
    command = [sys.executable, "-c", _STORE_UNTIL_KILLED, url, segment]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(n_acknowledged):
            process.stdout.readline()
        process.kill()
        said_before_the_end = process.stdout.read().split()
    acknowledged = n_acknowledged + len(said_before_the_end)

    with transaction(engine) as tx:
        stored = db.judgements.read(tx)
        assert db.locks.acquire(tx, "round", db.locks.holder(), 3600)
    # The last transaction may have ended just before it could be acknowledged.
    assert len(stored) in (5 * acknowledged, 5 * (acknowledged + 1))
    assert [one.id for one in stored] == [f"{i // 5}-{i % 5}" for i in range(len(stored))]
    assert all(one.values == {"emotion": "joy", "valence": "3"} for one in stored)
    engine.dispose()

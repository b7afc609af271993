"""Workspaces in which rounds are killed, and what they hold when nobody disturbs them."""

import json
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from corpora.synthetic import make_synthetic_corpus
from tests.processes import MARK

JOB = f"job of {os.getpid()}"
REPOSITORY = Path(__file__).resolve().parents[3]


class Killable:
    """The process that does jobs in children of its own (see killable.py)."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("killable.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
            cwd=REPOSITORY,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY), MARK: JOB},
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
        self._process.wait(60)
        self._process.stdout.close()
        self._log.close()

    def _ask(self, **job) -> dict:
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict:
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="session")
def killable(tmp_path_factory):
    process = Killable(tmp_path_factory.mktemp("driver") / "log")
    yield process
    process.stop()


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
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


@pytest.fixture(scope="session")
def place(tmp_path_factory, clips, killable):
    return Place(tmp_path_factory.mktemp("place"), clips, killable)


@pytest.fixture(scope="session")
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

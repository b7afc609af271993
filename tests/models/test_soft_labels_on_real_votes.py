"""Soft labels on real crowd votes, where they are there: never worse than the majority share."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from labels.majority import majority_share
from labels.metrics import accuracy, ece, log_loss
from labels.votes import Votes
from models.aggregation import aggregate

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("UNDERTONE_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
FACES = DATA / "crowd" / "face-sentiment"

pytestmark = pytest.mark.skipif(
    not FACES.exists(), reason=f"{FACES} is not there (set UNDERTONE_TEST_DATA)"
)


@pytest.fixture
def faces():
    answers = pd.read_csv(FACES / "answer.csv")
    item, items = pd.factorize(answers.question)
    source, workers = pd.factorize(answers.worker)
    value = answers.answer.to_numpy(np.int64)
    vocabulary = tuple(frozenset({c}) for c in range(4))
    votes = Votes(len(items), 4, tuple(workers), vocabulary, item, source, value)
    truth = pd.read_csv(FACES / "truth.csv").set_index("question").truth
    return votes, truth.reindex(items).fillna(-1).to_numpy(np.int64)


def test_faces_without_gold_are_labelled_better_than_by_the_majority(faces):
    votes, truth = faces
    found = aggregate(votes)
    assert found.report["winner"] == "label model"
    assert accuracy(found.proba, truth) > accuracy(majority_share(votes), truth) + 0.01
    assert log_loss(found.proba, truth) < log_loss(majority_share(votes), truth)


def test_fifty_gold_labels_make_faces_more_honest(faces):
    votes, truth = faces
    known = np.random.default_rng(0).permutation(np.flatnonzero(truth >= 0))
    at, rest = known[:50], known[50:]
    found = aggregate(votes, gold=(at, truth[at]))
    without = aggregate(votes)
    assert log_loss(found.proba[rest], truth[rest]) < log_loss(without.proba[rest], truth[rest])
    assert ece(found.proba[rest], truth[rest]) < 0.12

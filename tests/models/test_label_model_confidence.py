"""Confidence without gold: honest where votes are independent and where they are not."""

import numpy as np
import pytest

from labels.majority import majority_share
from labels.metrics import log_loss
from labels.votes import Votes
from models.aggregation import aggregate
from models.confusions import Anchors
from models.label_model import LabelModel
from models.leave_one_out import leave_one_out
from models.mixed_membership import mixtures, truth_shares
from models.vote_columns import VoteColumns
from models.vote_em import softmax

K = 4


def crowd(n_items, n_annotators, n_votes, *, disputed=0.0, seed=0):
    """Votes and truth; `disputed` items seem now one class, now another, to each who votes."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n_items)
    other = (truth + rng.integers(1, K, n_items)) % K
    lean = np.where(rng.random(n_items) < disputed, rng.random(n_items), 1.0)
    item = np.repeat(np.arange(n_items), n_votes)
    source = rng.permuted(np.tile(np.arange(n_annotators), (n_items, 1)), axis=1)[:, :n_votes]
    source = source.ravel()
    seems = np.where(rng.random(len(item)) < lean[item], truth[item], other[item])
    knows = rng.random(len(item)) < rng.beta(6, 2, n_annotators)[source]
    value = np.where(knows, seems, rng.integers(0, K, len(item)))
    names = tuple(f"annotator {j}" for j in range(n_annotators))
    classes = tuple(frozenset({c}) for c in range(K))
    return Votes(n_items, K, names, classes, item, source, value), truth


def left_out(votes):
    model = LabelModel(K)
    model.fit(votes)
    annotators = np.zeros(len(votes.sources), dtype=bool)
    return model, leave_one_out(VoteColumns.of(votes), model.em_fit, annotators, Anchors())


@pytest.mark.parametrize(("n_annotators", "n_votes"), [(15, 5), (60, 7), (150, 6)])
def test_independent_votes_keep_the_raw_posteriors_log_loss(n_annotators, n_votes):
    votes, truth = crowd(800, n_annotators, n_votes)
    model = LabelModel(K)
    model.fit(votes)
    raw = log_loss(model.predict_proba(votes), truth)
    assert log_loss(aggregate(votes).proba, truth) < raw + 0.03


def test_disputed_items_make_it_doubt_about_as_much_as_the_majority_share():
    votes, truth = crowd(800, 40, 9, disputed=0.7)
    found = aggregate(votes)
    assert found.report["winner"] == "label model"
    assert found.report["design_effect"] > 0.25
    assert log_loss(found.proba, truth) < log_loss(majority_share(votes), truth) + 0.06
    model = LabelModel(K)
    model.fit(votes)
    assert log_loss(found.proba, truth) < log_loss(model.predict_proba(votes), truth) - 0.5


def test_votes_that_do_not_teach_what_judges_them_are_less_sure_and_more_right():
    votes, truth = crowd(800, 400, 3)
    model, left = left_out(votes)
    raw, cautious = model.predict_proba(votes), softmax(left.log_joint)
    assert cautious.max(axis=1).mean() < raw.max(axis=1).mean()
    assert log_loss(cautious, truth) < log_loss(raw, truth) - 0.02


def test_annotators_with_thousands_of_votes_are_judged_as_fitted():
    votes, _ = crowd(2500, 3, 3)
    model, left = left_out(votes)
    assert np.array_equal(left.log_joint, model.log_joint(votes))


def test_mixtures_are_probabilities_with_every_class_pure():
    mixture, kind = mixtures(5)
    assert np.allclose(mixture.sum(axis=1), 1)
    assert mixture.min() >= 0
    assert np.array_equal(mixture[kind == 0], np.eye(5))


def test_mixed_membership_doubts_disputed_items_alone():
    doubts = []
    for disputed in (0.0, 0.7):
        votes, _ = crowd(600, 20, 9, disputed=disputed)
        shares = truth_shares(votes, None, anchors=Anchors())
        assert np.allclose(shares.sum(axis=1), 1)
        doubts.append(1 - shares.max(axis=1).mean())
    assert doubts[0] < 0.05
    assert doubts[1] > 0.12

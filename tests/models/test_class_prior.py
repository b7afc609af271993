"""How common classes are, by functions' votes alone: planted shares, and when not to believe."""

import numpy as np
import pytest

from labels.majority import majority_share
from labels.metrics import accuracy
from labels.votes import Votes
from models.aggregation import aggregate
from models.class_prior import found, of_functions
from models.confusions import Anchors
from models.label_model import LabelModel

COMMON = (0.7, 0.15, 0.15)


def function_votes(shares, *, n_items=3000, n_functions=9, seed=0):
    """Functions that vote on half the items, from .3 to .7 better than chance; and the truth."""
    rng = np.random.default_rng(seed)
    k = len(shares)
    truth = rng.choice(k, n_items, p=shares)
    matrix = np.full((n_items, n_functions), -1)
    for j, skill in enumerate(np.linspace(0.3, 0.7, n_functions)):
        said = np.where(rng.random(n_items) < skill, truth, rng.integers(0, k, n_items))
        matrix[:, j] = np.where(rng.random(n_items) < 0.5, said, -1)
    return Votes.from_dense(matrix, k), truth


def labelled(votes, **settings):
    return aggregate(votes, functions=frozenset(votes.sources), **settings)


def test_planted_shares_are_found_by_functions_alone_and_save_the_accuracy():
    votes, truth = function_votes(COMMON)
    chosen = of_functions(votes, Anchors())
    assert np.abs(chosen.shares - COMMON).max() < 0.06
    assert chosen.why.startswith("learned from functions' votes")
    found_, even = labelled(votes), labelled(votes, class_balance="uniform")
    assert accuracy(found_.proba, truth) > accuracy(even.proba, truth) + 0.05
    assert found_.report["class_prior_from"] == chosen.why
    assert found_.report["class_prior"] == pytest.approx(chosen.shares.tolist())


def test_functions_of_one_class_each_do_not_make_a_common_class_rare():
    rng = np.random.default_rng(0)
    truth = rng.choice(4, 3000, p=(0.85, 0.05, 0.05, 0.05))
    matrix = np.full((3000, 9), -1)
    for j in range(9):
        rate = np.where(truth == j % 4, rng.uniform(0.3, 0.6), rng.uniform(0.03, 0.15))
        matrix[rng.random(3000) < rate, j] = j % 4
    votes = Votes.from_dense(matrix, 4)
    voted = (matrix >= 0).any(axis=1)
    right = accuracy(labelled(votes).proba[voted], truth[voted])
    even = labelled(votes, class_balance="uniform")
    assert right > accuracy(majority_share(votes)[voted], truth[voted]) - 0.02
    assert right > accuracy(even.proba[voted], truth[voted]) - 0.02
    assert of_functions(votes, Anchors()).shares[0] > 0.6


def test_equal_classes_stay_equal():
    votes, _ = function_votes((1 / 3, 1 / 3, 1 / 3))
    assert np.abs(of_functions(votes, Anchors()).shares - 1 / 3).max() < 0.03


def test_functions_that_copy_one_another_in_error_do_not_make_a_class_common():
    votes, truth = function_votes((1 / 3, 1 / 3, 1 / 3))
    matrix = votes.to_dense()
    rng = np.random.default_rng(1)
    fooled = rng.random(len(matrix)) < 0.3
    for j in range(4):
        matrix[:, j] = np.where(fooled & (rng.random(len(matrix)) < 0.9), 0, matrix[:, j])
    votes = Votes.from_dense(matrix, 3)
    even = labelled(votes, class_balance="uniform")
    assert accuracy(labelled(votes).proba, truth) > accuracy(even.proba, truth) - 0.02


def test_a_label_model_of_functions_learns_the_same_shares():
    votes, _ = function_votes(COMMON)
    model = LabelModel(3)
    model.fit(votes, functions=frozenset(votes.sources))
    assert model.p.tolist() == of_functions(votes, Anchors()).shares.tolist()
    model.fit(votes, functions=frozenset(votes.sources), class_balance="uniform")
    assert model.p.tolist() == [1 / 3] * 3


def test_annotators_leave_the_shares_to_em_and_nobody_leaves_them_equal():
    votes, _ = function_votes(COMMON, n_items=50)
    kinds = np.ones(9, dtype=bool)
    kinds[0] = False
    assert found(votes, kinds, Anchors()).shares is None
    nobody = Votes.empty(5, 3)
    assert found(nobody, np.empty(0, dtype=bool), Anchors()).why == "uniform: nobody voted"
    assert labelled(nobody).report["class_prior"] == pytest.approx([1 / 3] * 3)


def test_one_vote_an_item_cannot_tell_and_says_so():
    matrix = np.full((40, 4), -1)
    matrix[np.arange(40), np.arange(40) % 4] = 0
    chosen = of_functions(Votes.from_dense(matrix, 3), Anchors())
    assert chosen.shares.tolist() == [1 / 3] * 3
    assert chosen.why == "uniform: no item has two votes to tell by"


def test_the_order_of_items_sources_and_classes_is_no_matter():
    votes, _ = function_votes(COMMON, n_items=800)
    matrix = votes.to_dense()
    rng = np.random.default_rng(0)
    items, sources, classes = rng.permutation(800), rng.permutation(9), np.array([2, 0, 1])
    shuffled = np.append(classes, -1)[matrix[items][:, sources]]
    names = [votes.sources[j] for j in sources]
    other = of_functions(Votes.from_dense(shuffled, 3, names), Anchors()).shares
    assert other[classes] == pytest.approx(of_functions(votes, Anchors()).shares, abs=1e-6)

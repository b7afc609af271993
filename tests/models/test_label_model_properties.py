"""What holds of the label model whatever the votes are, for both ways of fitting it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.votes import Votes
from models.aggregation import aggregate
from models.label_model import LabelModel, LabelModelError

K = 3
METHODS = ("em", "moments")


def matrix_of_votes(seed, n=80, m=5):
    """Votes (n, m), -1 = abstain, by sources that are right 40 to 85 % of the time; the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n)
    knows = rng.random((n, m)) < np.linspace(0.1, 0.8, m)
    said = np.where(knows, truth[:, None], rng.integers(0, K, (n, m)))
    return np.where(rng.random((n, m)) < 0.7, said, -1), truth


def fitted(votes, method, **more):
    model = LabelModel(K, verbose=False)
    model.fit(votes, fit_method=method, class_balance="uniform", seed=1, **more)
    return model


def odd_votes():
    rng = np.random.default_rng(0)
    plain, truth = matrix_of_votes(0)
    lone = np.full((60, 5), -1)
    lone[np.arange(60), rng.integers(0, 5, 60)] = rng.integers(0, K, 60)
    return {
        "all abstain": np.full((20, 4), -1),
        "one vote an item": lone,
        "a class never voted for": np.where(plain == 2, -1, plain),
        "one class alone": np.where(plain >= 0, 1, -1),
        "a source always wrong": np.column_stack([plain, (truth + 1) % K]),
        "identical sources": np.column_stack([plain[:, 2]] * 4),
        "a source that abstains": np.column_stack([plain, np.full(80, -1)]),
        "one item": plain[:1],
        "no items": plain[:0],
        "everybody agrees": np.column_stack([truth] * 5),
    }


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", [name for name in odd_votes() if name != "no items"])
def test_odd_votes_have_probabilities_for_an_answer(name, method):
    matrix = odd_votes()[name]
    model = fitted(matrix, method)
    proba = model.predict_proba(matrix)
    assert proba.shape == (len(matrix), K)
    assert np.isfinite(proba).all() and np.allclose(proba.sum(axis=1), 1)
    assert model.predict(matrix).shape == (len(matrix),)
    nobody = np.all(matrix == -1, axis=1)
    assert np.allclose(proba[nobody], 1 / K)
    weights = model.get_weights()
    assert np.isfinite(weights).all() and len(weights) == matrix.shape[1]


@pytest.mark.parametrize("name", odd_votes())
def test_odd_votes_are_aggregated_and_the_report_says_by_what(name):
    votes = Votes.from_dense(odd_votes()[name], K)
    found = aggregate(votes)
    assert np.isfinite(found.proba).all() and np.allclose(found.proba.sum(axis=1), 1)
    assert found.report["winner"] in ("label model", "majority") and found.report["why"]


def test_without_items_em_has_its_prior_and_moments_say_so():
    nothing = odd_votes()["no items"]
    assert fitted(nothing, "em").predict_proba(nothing).shape == (0, K)
    with pytest.raises(LabelModelError, match="needs 1 items or more, not 0"):
        fitted(nothing, "moments")


def test_weights_are_there_where_snorkels_parameters_cannot_be():
    matrix, truth = matrix_of_votes(1, n=400)
    matrix = matrix[:, -2:]
    pair = fitted(matrix, "em")
    right = [(matrix[:, j] == truth)[matrix[:, j] >= 0].mean() for j in range(2)]
    assert np.abs(pair.get_weights() - right).max() < 0.15
    first = np.array([0, 1])
    values = (frozenset({0, 1}), frozenset({2}))
    sets = Votes(4, K, ("f", "g", "silent"), values, first, first, first)
    weights = fitted(sets, "em").get_weights()
    assert weights.shape == (3,) and np.isfinite(weights).all()
    with pytest.raises(LabelModelError, match="not fitted"):
        LabelModel(K).get_weights()


@pytest.mark.parametrize("n_sources", [1, 2])
def test_fewer_than_three_sources_are_fitted_by_em(n_sources):
    matrix, truth = matrix_of_votes(1, n=300, m=5)
    few = matrix[:, -n_sources:]
    proba = fitted(few, "em").predict_proba(few)
    voted = np.any(few >= 0, axis=1)
    assert (proba.argmax(axis=1) == truth)[voted].mean() > 0.75


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), order=st.randoms(use_true_random=False))
def test_the_order_of_items_sources_and_classes_is_no_matter(method, seed, order):
    matrix, _ = matrix_of_votes(seed)
    items, sources, classes = list(range(80)), list(range(5)), list(range(K))
    for one in (items, sources, classes):
        order.shuffle(one)
    proba = fitted(matrix, method).predict_proba(matrix)
    renamed = np.append(np.array(classes), -1)[matrix[np.ix_(items, sources)]]
    votes = Votes.from_dense(renamed, K, [f"source_{j}" for j in sources])
    moved = fitted(votes, method).predict_proba(votes)
    assert np.abs(moved[:, classes] - proba[items]).max() < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_source_that_always_abstains_changes_nothing(method, seed):
    matrix, _ = matrix_of_votes(seed)
    more = np.column_stack([matrix, np.full(len(matrix), -1)])
    proba, again = (fitted(one, method).predict_proba(one) for one in (matrix, more))
    assert np.abs(proba - again).max() < 1e-6


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_bits_whatever_was_drawn_before(method):
    matrix, _ = matrix_of_votes(3)
    one = fitted(matrix, method).predict_proba(matrix)
    np.random.default_rng(0).random(10)
    np.random.seed(99)  # noqa: NPY002
    assert np.array_equal(one, fitted(matrix, method).predict_proba(matrix))


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_planted_accuracies_are_recovered(method):
    rng = np.random.default_rng(0)
    planted = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.8])
    truth = rng.integers(0, K, 8000)
    error = (truth[:, None] + rng.integers(1, K, (8000, 6))) % K
    said = np.where(rng.random((8000, 6)) < planted, truth[:, None], error)
    matrix = np.where(rng.random((8000, 6)) < 0.6, said, -1)
    more = {"n_epochs": 1500, "lr": 0.02} if method == "moments" else {}
    model = fitted(matrix, method, **more)
    assert np.abs(model.get_weights() - planted).max() < 0.05
    right = model.predict_proba(matrix).argmax(axis=1) == truth
    assert right[np.any(matrix >= 0, axis=1)].mean() > 0.85

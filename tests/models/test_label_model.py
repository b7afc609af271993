"""The label model against planted truths, Snorkel's own formulas, and reorderings."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snorkel.labeling.model import LabelModel as SnorkelLabelModel

from labels.votes import Votes
from models.label_model import LabelModel, LabelModelError


def crowd_votes(n_items, accuracies, *, k=4, coverage=0.6, seed=0, balance=None):
    """A matrix of votes by annotators of these accuracies (errors uniform), and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(k, n_items, p=balance)
    matrix = np.full((n_items, len(accuracies)), -1)
    for j, accuracy in enumerate(accuracies):
        error = (truth + rng.integers(1, k, n_items)) % k
        said = np.where(rng.random(n_items) < accuracy, truth, error)
        matrix[:, j] = np.where(rng.random(n_items) < coverage, said, -1)
    return matrix, truth


def set_votes(truth, k, sets, precisions, *, rate=0.25, seed=0):
    """Functions that each vote for one set, which holds the truth with the given probability."""
    rng = np.random.default_rng(seed)
    vocabulary = tuple(dict.fromkeys(frozenset(allowed) for allowed in sets))
    item, source, value = [], [], []
    for j, (allowed, precision) in enumerate(zip(sets, precisions, strict=True)):
        inside = np.isin(truth, list(allowed))
        share = len(set(allowed)) / k
        chance = np.where(inside, rate * precision / share, rate * (1 - precision) / (1 - share))
        cast = np.flatnonzero(rng.random(len(truth)) < chance)
        item.append(cast)
        source.append(np.full(len(cast), j))
        value.append(np.full(len(cast), vocabulary.index(frozenset(allowed))))
    names = tuple(f"function_{j}" for j in range(len(sets)))
    columns = (np.concatenate(part) for part in (item, source, value))
    return Votes(len(truth), k, names, vocabulary, *columns)


def fitted(votes, k=4, **settings_):
    model = LabelModel(k)
    model.fit(votes, **settings_)
    return model


def test_planted_accuracies_are_recovered_without_any_gold():
    planted = np.array([0.9, 0.8, 0.7, 0.6, 0.45, 0.8])
    matrix, truth = crowd_votes(6000, planted)
    model = fitted(matrix, class_balance="uniform")
    assert np.abs(model.get_weights() - planted).max() < 0.04
    assert (model.predict_proba(matrix).argmax(axis=1) == truth).mean() > 0.85


def test_an_always_wrong_annotator_is_found_out_and_used():
    matrix, _truth = crowd_votes(3000, [0.85, 0.8, 0.8, 0.02], k=2, coverage=0.9)
    model = fitted(matrix, k=2)
    assert model.get_weights()[3] < 0.15
    lone = np.full((2, 4), -1)
    lone[:, 3] = [0, 1]
    assert model.predict_proba(lone).argmax(axis=1).tolist() == [1, 0]


def test_a_learned_prior_finds_the_common_class_and_a_given_one_is_kept():
    matrix, _truth = crowd_votes(4000, [0.8] * 5, k=3, balance=[0.8, 0.15, 0.05])
    assert np.abs(fitted(matrix, k=3).p - [0.8, 0.15, 0.05]).max() < 0.03
    assert fitted(matrix, k=3, class_balance=[2, 1, 1]).p.tolist() == [0.5, 0.25, 0.25]
    assert fitted(matrix, k=3, class_balance="uniform").p.tolist() == [1 / 3] * 3


def test_the_stock_snorkel_posterior_is_ours():
    matrix, _ = crowd_votes(300, [0.9, 0.7, 0.6, 0.5, 0.8])
    model = fitted(matrix)
    stock = SnorkelLabelModel.predict_proba(model, matrix)
    assert np.abs(stock - model.predict_proba(matrix)).max() < 1e-12


def test_the_stock_posterior_is_ours_with_a_function_and_a_class_never_voted_for():
    matrix, _ = crowd_votes(300, [0.9, 0.7, 0.6, 0.5], k=3)
    model = fitted(matrix, k=4, functions=frozenset({"source_1"}))
    stock = SnorkelLabelModel.predict_proba(model, matrix)
    assert np.abs(stock - model.predict_proba(matrix)).max() < 1e-12


def test_snorkels_own_methods_work_and_a_saved_model_answers_alike(tmp_path):
    matrix, truth = crowd_votes(200, [0.9, 0.8, 0.7])
    model = fitted(matrix)
    assert model.predict(matrix).shape == (200,)
    assert model.score(matrix, truth, tie_break_policy="random")["accuracy"] > 0.7
    assert model.get_conditional_probs().shape == (3, 5, 4)
    model.save(str(tmp_path / "model.pkl"))
    ours, stock = LabelModel(4), SnorkelLabelModel(4)
    for other in (ours, stock):
        other.load(str(tmp_path / "model.pkl"))
        assert np.abs(other.predict_proba(matrix) - model.predict_proba(matrix)).max() < 1e-12


def test_functions_voting_for_weak_sets_alone_do_not_drift():
    k = 7
    truth = np.random.default_rng(1).integers(0, k, 4000)
    sets = [{0, 2, 6}, {1, 4, 5}, {3, 6}, {0, 1}, {2, 5}, {4, 5}, {0, 3, 6, 2}, {1, 2}, {3, 4}]
    votes = set_votes(truth, k, sets, [0.75, 0.8, 0.7, 0.7, 0.65, 0.75, 0.8, 0.6, 0.7])
    proba = fitted(votes, k).predict_proba(votes)
    voted = np.bincount(votes.item, minlength=len(truth)) > 0
    assert np.abs(proba.mean(axis=0) - 1 / k).max() < 0.06
    assert (proba[voted].argmax(axis=1) == truth[voted]).mean() > 0.38
    assert -np.log(proba[np.arange(len(truth)), truth]).mean() < 0.9 * np.log(k)
    for c in range(k):  # no class swallowed another: each is likelier where it is true
        assert proba[truth == c, c].mean() > proba[truth != c, c].mean() + 0.1


def test_a_function_that_only_ever_says_one_thing_is_heard():
    truth = np.random.default_rng(1).integers(0, 4, 500)
    votes = set_votes(truth, 4, [{0, 1}], [0.75])
    proba = fitted(votes).predict_proba(votes)[votes.item]
    assert proba[:, :2].sum(axis=1).min() > 0.6


def test_crowd_and_set_functions_together_are_better_than_either():
    k = 7
    matrix, truth = crowd_votes(3000, np.linspace(0.45, 0.8, 12), k=k, coverage=0.15)
    sets = [{c, (c + 1 + j) % k} for j in range(2) for c in range(k)] + [{0, 3, 6}]
    functions = set_votes(truth, k, sets, [0.7] * len(sets), rate=0.2)
    crowd = Votes.from_dense(matrix, k)
    together = crowd.merge(functions)

    def right(votes):
        return (fitted(votes, k).predict_proba(votes).argmax(axis=1) == truth).mean()

    assert right(together) > max(right(crowd), right(functions)) + 0.05


def test_other_items_unknown_sources_and_unknown_values_are_answered():
    matrix, _truth = crowd_votes(800, [0.9, 0.8, 0.7, 0.8])
    model = fitted(matrix)
    new = Votes.from_dense(np.array([[0], [1], [-1]]), 4, ["a newcomer"])
    proba = model.predict_proba(new)
    assert proba[:2].argmax(axis=1).tolist() == [0, 1]
    assert np.abs(proba[2] - model.p).max() < 1e-12
    never_said = dataclasses.replace(
        new, vocabulary=(frozenset({0, 1}), frozenset({2, 3})), value=new.value
    )
    pairs = model.predict_proba(never_said)
    assert pairs[0, :2].sum() > 0.6
    assert pairs[1, :2].sum() < 0.4


@pytest.mark.parametrize(
    ("votes", "settings_", "message"),
    [
        (np.array([[0, 1], [1, 1]]), {"fit_method": "moments"}, "needs 3 sources or more, not 2"),
        (np.array([[0, 9]]), {}, r"votes must lie in \[-1, 4\)"),
        (np.array([[0, 1]]), {"fit_method": "magic"}, "unknown fit_method 'magic'"),
        (np.array([[0, 1]]), {"class_balance": [1, 0, 1, 1]}, "4 positive shares"),
        (np.array([[0, 1]]), {"class_balance": "even"}, "class_balance 'even'"),
        (np.array([[0, 1]]), {"lr": 0.1}, "has no setting 'lr'"),
        (Votes.empty(3, 7), {}, "cardinality 4"),
    ],
)
def test_wrong_settings_are_one_line(votes, settings_, message):
    with pytest.raises(LabelModelError, match=message) as caught:
        fitted(votes, **settings_)
    assert "\n" not in str(caught.value)


def test_a_model_not_fitted_says_so():
    with pytest.raises(LabelModelError, match="not fitted"):
        LabelModel(4).predict_proba(np.array([[0, 1, 2]]))


def test_thousands_of_annotators_need_no_column_each():
    rng = np.random.default_rng(0)
    n_items, n_annotators = 3000, 3000
    truth = rng.integers(0, 4, n_items)
    item = np.repeat(np.arange(n_items), 6)
    source = rng.integers(0, n_annotators, len(item))
    ability = rng.beta(6, 3, n_annotators)
    value = np.where(
        rng.random(len(item)) < ability[source], truth[item], rng.integers(0, 4, len(item))
    )
    names = tuple(f"worker {j}" for j in range(n_annotators))
    votes = Votes(n_items, 4, names, tuple(frozenset({c}) for c in range(4)), item, source, value)
    model = fitted(votes)
    assert (model.predict_proba(votes).argmax(axis=1) == truth).mean() > 0.9
    assert "mu" not in dict(model.named_parameters())


matrices = st.integers(0, 2**32 - 1).map(
    lambda seed: crowd_votes(60, [0.8, 0.6, 0.5, 0.7], k=3, coverage=0.7, seed=seed)[0]
)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(matrices, st.randoms(use_true_random=False))
def test_the_order_of_items_sources_and_classes_is_no_matter(matrix, random):
    items, sources, classes = list(range(60)), list(range(4)), list(range(3))
    for order in (items, sources, classes):
        random.shuffle(order)
    proba = fitted(matrix, k=3).predict_proba(matrix)
    renamed = np.append(np.array(classes), -1)[matrix[np.ix_(items, sources)]]
    names = [f"source_{j}" for j in sources]
    again = fitted(Votes.from_dense(renamed, 3, names), k=3)
    moved = again.predict_proba(Votes.from_dense(renamed, 3, names))
    assert np.abs(moved[:, classes] - proba[items]).max() < 1e-8


@settings(max_examples=10, deadline=None)
@given(matrices)
def test_a_source_that_always_abstains_changes_nothing(matrix):
    more = np.column_stack([matrix, np.full(len(matrix), -1)])
    proba, again = (fitted(m, k=3).predict_proba(m) for m in (matrix, more))
    assert np.array_equal(proba, again)


def test_the_same_votes_give_the_same_bits():
    matrix, _ = crowd_votes(500, [0.8, 0.6, 0.7])
    one, two = (fitted(matrix, seed=1).predict_proba(matrix) for _ in range(2))
    assert np.array_equal(one, two)

"""The fit by moments against Snorkel itself: the same parameters, posteriors and decisions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from snorkel.labeling.model import LabelModel as SnorkelLabelModel
from snorkel.utils import probs_to_preds

from labels.votes import Votes
from models.label_model import LabelModel, LabelModelError
from models.ties import decide


def matrix_of_votes(seed=0, *, n=400, m=6, k=3, coverage=0.4):
    """Votes (n, m) by sources of accuracies .25 to .85, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    knows = rng.random((n, m)) < np.linspace(0.25, 0.85, m)
    said = np.where(knows, truth[:, None], rng.integers(0, k, (n, m)))
    return np.where(rng.random((n, m)) < coverage, said, -1), truth


def both_fitted(matrix, k, **settings_):
    ours, stock = LabelModel(k, verbose=False), SnorkelLabelModel(k, verbose=False)
    ours.fit(matrix, fit_method="moments", **settings_)
    stock.fit(matrix, progress_bar=False, **settings_)
    return ours, stock


SETTINGS = {
    "defaults": {},
    "pulled to the start": {"l2": 0.1, "n_epochs": 150},
    "adam, skewed classes": {"optimizer": "adam", "class_balance": [0.5, 0.3, 0.2]},
    "adamax, decaying": {"optimizer": "adamax", "lr_scheduler": "exponential"},
    "a precision a source": {"prec_init": [0.5, 0.6, 0.7, 0.7, 0.8, 0.8], "mu_eps": 0.01},
    "warmed up": {
        "lr_scheduler": "linear",
        "lr_scheduler_config": {"warmup_steps": 10, "warmup_unit": "epochs"},
    },
    "gold class shares": {"Y_dev": np.repeat([0, 1, 2, 2], 10)},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_mu_is_stock_snorkels(name):
    matrix, _ = matrix_of_votes()
    ours, stock = both_fitted(matrix, 3, seed=5, **SETTINGS[name])
    assert (ours.mu - stock.mu).abs().max() < 1e-6
    assert np.abs(ours.get_weights() - stock.get_weights()).max() < 1e-5
    assert np.array_equal(ours.coverage, stock.coverage)
    assert np.abs(ours.predict_proba(matrix) - stock.predict_proba(matrix)).max() < 1e-4


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), m=st.integers(3, 8), k=st.integers(2, 5))
def test_mu_is_stock_snorkels_on_any_votes(seed, m, k):
    matrix, _ = matrix_of_votes(seed, n=80, m=m, k=k)
    ours, stock = both_fitted(matrix, k, seed=seed % 1000, n_epochs=30)
    assert (ours.mu - stock.mu).abs().max() < 1e-6


def test_snorkels_methods_answer_as_snorkels():
    matrix, truth = matrix_of_votes()
    ours, stock = both_fitted(matrix, 3, seed=1)
    for policy in ("abstain", "random"):
        assert np.array_equal(
            ours.predict(matrix, False, policy), stock.predict(matrix, False, policy)
        )
    chosen, proba = ours.predict(matrix, return_probs=True)
    assert chosen.shape == (400,)
    assert proba.shape == (400, 3)
    metrics = ["accuracy", "f1_macro", "coverage"]
    assert ours.score(matrix, truth, metrics) == stock.score(matrix, truth, metrics)
    assert ours.get_conditional_probs().shape == (6, 4, 3)


def test_a_model_goes_to_snorkel_and_comes_back(tmp_path):
    matrix, _ = matrix_of_votes()
    ours, stock = both_fitted(matrix, 3, seed=1)
    ours.save(str(tmp_path / "ours.pkl"))
    stock.save(str(tmp_path / "stock.pkl"))
    theirs, back, taken = SnorkelLabelModel(3), LabelModel(3), LabelModel(3)
    theirs.load(str(tmp_path / "ours.pkl"))
    back.load(str(tmp_path / "ours.pkl"))
    taken.load(str(tmp_path / "stock.pkl"))
    assert np.abs(theirs.predict_proba(matrix) - ours.predict_proba(matrix)).max() < 1e-12
    assert np.array_equal(back.predict_proba(matrix), ours.predict_proba(matrix))
    assert np.abs(taken.predict_proba(matrix) - stock.predict_proba(matrix)).max() < 1e-12


def test_the_global_generators_are_left_alone():
    matrix, _ = matrix_of_votes(n=50)
    np.random.seed(4)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    LabelModel(3, verbose=False).fit(matrix, fit_method="moments", seed=1)
    assert np.random.random() == expected  # noqa: NPY002


def test_the_last_of_two_votes_stands_and_a_vote_for_a_set_abstains():
    matrix, _ = matrix_of_votes(n=200)
    votes = Votes.from_dense(matrix, 3)
    pair = frozenset({0, 1})
    first = np.flatnonzero(matrix[:, 0] == -1)
    more = Votes(
        200,
        3,
        votes.sources,
        (*votes.vocabulary, pair),
        np.concatenate([votes.item, votes.item[:20], first]),
        np.concatenate([votes.source, votes.source[:20], np.zeros(len(first), dtype=np.int64)]),
        np.concatenate([votes.value, votes.value[:20], np.full(len(first), 3)]),
    )
    models = [LabelModel(3, verbose=False) for _ in range(2)]
    for model, cast in zip(models, (votes, more), strict=True):
        model.fit(cast, fit_method="moments", seed=1, n_epochs=20)
    assert np.array_equal(*(model.mu.detach().numpy() for model in models))
    assert np.array_equal(models[0].predict_proba(votes), models[0].predict_proba(more))


def test_sources_are_known_by_their_names_and_strangers_are_refused():
    matrix, _ = matrix_of_votes()
    names = [f"function {j}" for j in range(6)]
    model = LabelModel(3, verbose=False)
    model.fit(Votes.from_dense(matrix, 3, names), fit_method="moments", seed=1)
    turned = Votes.from_dense(matrix[:, ::-1], 3, names[::-1])
    straight = model.predict_proba(Votes.from_dense(matrix, 3, names))
    assert np.abs(model.predict_proba(turned) - straight).max() < 1e-12
    with pytest.raises(LabelModelError, match="'stranger' had no part in the fit"):
        model.predict_proba(Votes.from_dense(matrix[:, :1], 3, ["stranger"]))


@pytest.mark.slow
def test_hundreds_of_sparse_annotators_need_no_table_of_their_columns():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 4000)
    item = np.repeat(np.arange(4000), 8)
    source = rng.integers(0, 500, len(item))
    knows = rng.random(len(item)) < 0.6
    value = np.where(knows, truth[item], rng.integers(0, 3, len(item)))
    names = tuple(f"worker {j}" for j in range(500))
    singles = tuple(frozenset({c}) for c in range(3))
    model = LabelModel(3, verbose=False)
    votes = Votes(4000, 3, names, singles, item, source, value)
    model.fit(votes, fit_method="moments", seed=0)
    assert (model.predict(votes) == truth).mean() > 0.9


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"learning_rate": 0.1}, "no setting 'learning_rate'"),
        ({"prec_init": [0.5, 0.6]}, "one number or 6"),
        ({"lr": 1e6, "n_epochs": 200}, "the loss is no number: a smaller lr"),
        ({"Y_dev": [0, 1, 1]}, "no item of class 2"),
        ({"Y_dev": [0, 1, -1]}, "Y_dev must be classes in"),
    ],
)
def test_wrong_settings_are_one_line(settings_, message):
    with pytest.raises(LabelModelError, match=message):
        LabelModel(3, verbose=False).fit(matrix_of_votes()[0], fit_method="moments", **settings_)


@pytest.mark.parametrize("policy", ["abstain", "random", "true-random"])
def test_ties_are_decided_as_snorkel_decides_them(policy):
    proba = np.random.default_rng(0).integers(1, 4, (300, 3)) / 4
    np.random.seed(0)  # noqa: NPY002
    expected = probs_to_preds(proba, policy)
    np.random.seed(0)  # noqa: NPY002
    assert np.array_equal(decide(proba, policy), expected)
    with pytest.raises(ValueError, match="none of abstain"):
        decide(proba, "coin")

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from active_learning.selection import select
from active_learning.strategies import STRATEGIES

CLASSES = ("anger", "fear", "sadness")


def _taught(n_labelled=60, seed=0):
    rng = np.random.default_rng(seed)
    truth = np.arange(260) % 3
    features = rng.normal(scale=2, size=(3, 5))[truth] + rng.normal(size=(260, 5))
    model = LogisticRegression().fit(features[:n_labelled], truth[:n_labelled])
    return model, features[:n_labelled], truth[:n_labelled], features[n_labelled:]


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_every_pick_has_a_reason_with_a_figure(name):
    model, heard, labels, pool = _taught()
    said = select(
        model, pool, 6, strategy=name, seed=0, classes=CLASSES, labelled=heard, labels=labels
    )
    assert said.indices.shape == said.scores.shape == (6,)
    assert len(said.reasons) == 6
    for reason in said.reasons:
        assert any(letter.isdigit() for letter in reason), reason
        assert "\n" not in reason


def test_a_margin_reason_names_the_two_likeliest_emotions_and_their_gap():
    model, _, _, pool = _taught()
    said = select(model, pool, 1, strategy="margin", seed=0, classes=CLASSES)
    proba = model.predict_proba(pool[said.indices])[0]
    second, first = np.argsort(proba)[-2:]
    gap = proba[first] - proba[second]
    assert said.reasons[0] == f"margin between {CLASSES[first]} and {CLASSES[second]} {gap:.2f}"


def test_without_a_model_the_default_says_which_region_a_clip_stands_for():
    _, _, _, pool = _taught()
    said = select(None, pool, 10, seed=0, classes=CLASSES)
    assert said.strategy == "coverage"
    assert all("stands for a part of the pool not heard yet" in line for line in said.reasons)
    assert len(set(said.indices.tolist())) == 10


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_an_empty_pool_gives_an_empty_selection(name):
    model, _, _, pool = _taught()
    said = select(model, pool[:0], 4, strategy=name, seed=0, classes=CLASSES)
    assert len(said.indices) == len(said.scores) == len(said.reasons) == 0


def test_selection_leaves_the_model_as_it_was():
    model, heard, labels, pool = _taught()
    before = model.coef_.copy()
    select(model, pool, 3, seed=0, classes=CLASSES, labelled=heard, labels=labels)
    np.testing.assert_array_equal(before, model.coef_)

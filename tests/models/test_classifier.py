import numpy as np
import pytest
from modAL.models import ActiveLearner
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from models.classifier import EmotionClassifier


def _speech(n=90, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    centres = np.random.default_rng(9).normal(scale=2, size=(3, 6))
    names = np.array(["sadness", "anger", "fear"])
    return centres[truth] + rng.normal(size=(n, 6)), names[truth]


def test_columns_of_the_probabilities_follow_the_classes():
    features, labels = _speech()
    fitted = EmotionClassifier(max_epochs=60).fit(features, labels)
    assert fitted.classes_.tolist() == ["anger", "fear", "sadness"]
    unheard, truth = _speech(seed=1)
    assert fitted.score(unheard, truth) > 0.85
    best = fitted.classes_[fitted.predict_proba(unheard).argmax(axis=1)]
    assert (best == fitted.predict(unheard)).all()


def test_it_learns_within_a_modal_learner():
    features, labels = _speech()
    learner = ActiveLearner(
        EmotionClassifier(max_epochs=20), X_training=features[:30], y_training=labels[:30]
    )
    learner.teach(features[30:60], labels[30:60])
    assert len(learner.query(features[60:], n_instances=4)[0]) == 4


def test_before_fit_it_says_that_it_is_not_fitted():
    with pytest.raises(NotFittedError):
        EmotionClassifier().predict_proba(np.zeros((2, 3)))


def test_it_can_be_cloned_and_is_repeatable_to_the_bit():
    features, labels = _speech()
    speakers = [f"s{i % 4}" for i in range(len(labels))]
    first = EmotionClassifier(seed=2, max_epochs=20).fit(features, labels, speakers)
    second = clone(first).fit(features, labels, speakers)
    np.testing.assert_array_equal(first.predict_proba(features), second.predict_proba(features))


def test_one_class_is_learnt_as_the_only_one():
    features, _ = _speech()
    fitted = EmotionClassifier(max_epochs=10).fit(features, ["fear"] * len(features))
    assert (fitted.predict_proba(features) == 1).all()

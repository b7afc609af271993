import numpy as np
import pytest

from models.believing import MODEL, VOTES, believed
from models.calibration import softmax

N, K = 4000, 4


def _world(seed=0, voters_are_the_model=False):
    """Votes and a model that each see the truth through their own noise."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, N)
    logits = 1.5 * np.eye(K)[truth] + rng.normal(size=(N, K))
    noise = logits if voters_are_the_model else 1.5 * np.eye(K)[truth] + rng.normal(size=(N, K))
    return truth, logits, softmax(1.5 * noise)


def _gold(truth, votes, logits, n=150):
    """The rows on which votes and model are least sure together, as experts are asked."""
    doubt = votes.max(axis=1) + softmax(logits).max(axis=1)
    is_gold = np.zeros(N, dtype=bool)
    is_gold[np.argsort(doubt)[:n]] = True
    return is_gold


def test_rows_without_gold_are_believed_as_often_as_they_are_right_though_gold_was_the_hard_ones():
    truth, logits, votes = _world()
    is_gold = _gold(truth, votes, logits)
    told = np.where(is_gold[:, None], np.eye(K)[truth], 1 / K)
    proba, (votes_count, model_count) = believed(logits, votes, told, is_gold)
    others = ~is_gold
    sure, right = proba.max(axis=1)[others].mean(), (proba.argmax(axis=1) == truth)[others].mean()
    assert sure == pytest.approx(right, abs=0.06)
    assert votes_count > 0.5 and model_count > 0.5
    np.testing.assert_array_equal(proba[is_gold], np.eye(K)[truth[is_gold]])


def test_a_model_that_only_repeats_the_votes_adds_little():
    truth, logits, votes = _world(voters_are_the_model=True)
    is_gold = np.arange(N) < 1000
    told = np.where(is_gold[:, None], np.eye(K)[truth], 1 / K)
    proba, counts = believed(logits, votes, told, is_gold)
    assert counts[0] * 1.5 + counts[1] == pytest.approx(1.5, abs=0.3)
    others = ~is_gold
    sure, right = proba.max(axis=1)[others].mean(), (proba.argmax(axis=1) == truth)[others].mean()
    assert sure == pytest.approx(right, abs=0.05)


def test_without_gold_the_usual_counts_stand_and_rows_without_votes_have_the_models_word():
    _, logits, votes = _world()
    votes[:10] = np.nan
    proba, counts = believed(logits, votes, np.full((N, K), 1 / K), np.zeros(N, dtype=bool))
    assert counts == pytest.approx((VOTES, MODEL), abs=1e-3)
    np.testing.assert_allclose(proba[:10], softmax(MODEL * logits[:10]), atol=1e-4)

import numpy as np
import pytest
from sklearn import metrics as sk

from labels.metrics import (
    accuracy,
    brier,
    ccc,
    chance_ece,
    ece,
    log_loss,
    macro_f1,
    recalls,
    scores,
    uar,
)


@pytest.fixture
def sample() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 400)
    proba = rng.dirichlet(np.ones(5), 400) * 0.6 + 0.4 * np.eye(5)[truth]
    return proba / proba.sum(axis=1, keepdims=True), truth


def test_class_metrics_agree_with_scikit_learn(sample):
    proba, truth = sample
    guess = proba.argmax(axis=1)
    assert accuracy(proba, truth) == pytest.approx(sk.accuracy_score(truth, guess))
    assert uar(guess, truth) == pytest.approx(sk.balanced_accuracy_score(truth, guess))
    assert macro_f1(guess, truth) == pytest.approx(sk.f1_score(truth, guess, average="macro"))
    assert log_loss(proba, truth) == pytest.approx(sk.log_loss(truth, proba))


def test_a_class_absent_from_the_truth_does_not_count_in_the_average():
    assert uar([0, 0, 1, 2], [0, 0, 1, 1]) == pytest.approx(0.75)
    assert np.isnan(recalls([0, 1], [0, 1], 3)[2])


def test_unknown_truth_is_left_out_and_a_missing_prediction_is_wrong():
    assert accuracy([0, 1, 1], [0, -1, 1]) == 1
    assert accuracy([0, 1, 1], [0, float("nan"), 1]) == 1
    assert accuracy([0, -1], [0, 1]) == 0.5


def test_without_any_truth_every_metric_is_not_known():
    report = scores(np.full((2, 3), 1 / 3), [-1, -1])
    assert report.pop("n") == 0
    assert all(np.isnan(value) for value in report.values())


def test_uniform_probabilities_lose_the_logarithm_of_the_number_of_classes():
    assert log_loss(np.full((4, 6), 1 / 6), [0, 1, 2, 3]) == pytest.approx(np.log(6))
    assert brier(np.full((1, 2), 0.5), [0]) == pytest.approx(0.5)


def test_certainty_that_is_wrong_has_a_large_but_finite_loss():
    assert 20 < log_loss([[1.0, 0.0]], [1]) < 40


def test_calibration_error_is_what_was_planted():
    truth = np.array([0] * 60 + [1] * 40)
    assert ece(np.tile([0.9, 0.1], (100, 1)), truth) == pytest.approx(0.3)
    assert ece(np.tile([0.6, 0.4], (100, 1)), truth) == pytest.approx(0.0)


def test_concordance_is_one_for_identity_and_falls_with_a_shift_that_correlation_forgives():
    x = np.linspace(1, 5, 50)
    assert ccc(x, x) == pytest.approx(1)
    assert ccc(-x, x) < 0
    # var 2 * cov / (2 var + shift^2)
    assert ccc(x + 1, x) == pytest.approx(2 * x.var() / (2 * x.var() + 1))


def test_concordance_leaves_out_what_is_not_known_on_either_side():
    x = np.array([1.0, 2, 3, np.nan, 5])
    y = np.array([1.0, 2, 3, 4, np.nan])
    assert ccc(x, y) == pytest.approx(1)
    assert np.isnan(ccc([1.0], [1.0]))


def test_lengths_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match="2 predictions do not go with"):
        accuracy([0, 1], [0])
    with pytest.raises(ValueError, match="true class 4 is not among the 2 of proba"):
        log_loss([[0.5, 0.5]], [4])


def test_calibrated_probabilities_show_the_ece_that_chance_gives_them_and_less_with_more_items():
    rng = np.random.default_rng(0)
    shown = []
    for n in (100, 10_000):
        p = rng.dirichlet(np.ones(4), n)
        truth = (p.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
        chance = chance_ece(p)
        assert ece(p, truth) == pytest.approx(chance, abs=0.04 if n == 100 else 0.004)
        # The same answers, said far more surely than they are right.
        sure = p**4 / (p**4).sum(axis=1, keepdims=True)
        assert ece(sure, truth) > 2 * chance_ece(sure)
        shown.append(chance)
    assert shown[0] > 4 * shown[1] > 0
    assert np.isnan(chance_ece(np.empty((0, 4))))

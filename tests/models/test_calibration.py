import numpy as np
import pytest

from models.calibration import (
    expected_log_loss,
    fit_deviation_factor,
    fit_temperature,
    softmax,
)


def _said(temperature, n=4000, k=5, seed=0):
    """Logits that are bolder than the truth by a known temperature."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(n, k)) * 1.5
    truth = np.array([rng.choice(k, p=p) for p in softmax(honest)])
    return honest * temperature, np.eye(k)[truth]


@pytest.mark.parametrize("planted", [0.5, 1.0, 2.5])
def test_a_planted_temperature_is_recovered(planted):
    logits, truth = _said(planted)
    assert fit_temperature(logits, truth, np.ones(4000)) == pytest.approx(planted, rel=0.06)


def test_the_fitted_temperature_does_not_raise_the_log_loss():
    logits, truth = _said(3.0, n=300)
    t = fit_temperature(logits, truth, np.ones(300))
    assert expected_log_loss(logits, truth, np.ones(300), t) < expected_log_loss(
        logits, truth, np.ones(300)
    )


def test_a_handful_of_rows_moves_the_temperature_little():
    logits, truth = _said(4.0, n=3)
    assert 0.5 < fit_temperature(logits, truth, np.ones(3)) < 3


def test_without_rows_the_temperature_is_one():
    assert fit_temperature(np.zeros((4, 3)), np.eye(3)[[0, 1, 2, 0]], np.zeros(4)) == 1.0
    assert fit_temperature(np.empty((0, 3)), np.empty((0, 3)), np.empty(0)) == 1.0


def test_rows_without_weight_do_not_count():
    logits, truth = _said(2.0)
    wrong = np.concatenate([logits, logits])
    labels = np.concatenate([truth, truth[::-1]])
    weight = np.r_[np.ones(4000), np.zeros(4000)]
    assert fit_temperature(wrong, labels, weight) == fit_temperature(logits, truth, np.ones(4000))


def test_a_planted_understatement_of_the_deviation_is_recovered():
    rng = np.random.default_rng(0)
    sd = rng.uniform(0.5, 1.5, 3000)
    truth = rng.normal(scale=2 * sd)
    truth[::10] = np.nan
    factor = fit_deviation_factor(np.zeros(3000), sd, truth, np.ones(3000))
    assert factor == pytest.approx(2.0, rel=0.05)
    assert fit_deviation_factor(np.zeros(3), np.ones(3), np.full(3, np.nan), np.ones(3)) == 1.0

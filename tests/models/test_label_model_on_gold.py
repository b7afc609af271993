"""Corrections learnt from a few gold labels: planted ones are found, wild ones are not."""

import numpy as np

from labels.metrics import log_loss
from models.calibration import softmax
from models.gold_calibration import fit_on_gold


def answers(n, temperature, shifts, seed=0):
    """Logits that are too sure by `temperature` and miss `shifts`, and the truth."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 1.5, (n, len(shifts)))
    proba = softmax(honest + shifts)
    truth = (rng.random(n)[:, None] > proba.cumsum(axis=1)).sum(axis=1)
    return honest * temperature, truth


def test_a_planted_temperature_and_shift_are_found_on_many_labels():
    shifts = np.array([1.0, -0.5, -0.5])
    logits, truth = answers(4000, 2.5, shifts)
    found = fit_on_gold(logits, truth)
    assert abs(found.temperature - 2.5) < 0.25
    assert np.abs(found.shifts - shifts).max() < 0.15


def test_forty_labels_mend_what_is_wrong_and_leave_what_is_right():
    logits, truth = answers(2040, 3.0, np.array([0.8, -0.4, -0.4]))
    found = fit_on_gold(logits[:40], truth[:40])
    rest = slice(40, None)
    assert log_loss(found(logits[rest]), truth[rest]) < log_loss(softmax(logits[rest]), truth[rest])
    logits, truth = answers(2040, 1.0, np.zeros(3))
    found = fit_on_gold(logits[:40], truth[:40])
    loss = log_loss(found(logits[rest]), truth[rest])
    assert loss < log_loss(softmax(logits[rest]), truth[rest]) + 0.02


def test_without_labels_nothing_is_corrected():
    found = fit_on_gold(np.empty((0, 3)), np.empty(0, dtype=np.int64))
    assert found.temperature == 1.0
    assert found.shifts.tolist() == [0.0, 0.0, 0.0]

"""What another hour is worth: against curves whose law is planted."""

import numpy as np
import pytest

from active_learning.stopping import agreement, prospect, share_changed


def test_a_curve_without_noise_is_continued_as_it_goes_on():
    hours = np.arange(1.0, 8.0)
    found = prospect(hours, 0.7 - 0.3 * hours**-0.5)
    assert found.gain == pytest.approx(0.3 * (7**-0.5 - 8**-0.5), rel=0.02)
    assert str(found).startswith("another hour is worth about +0.7 UAR (")


def test_the_interval_covers_what_the_next_hour_brings_as_often_as_it_says():
    rng, hours, hits = np.random.default_rng(1), np.arange(1.0, 9.0), 0
    truth = 0.25 * (8**-0.6 - 9**-0.6)
    for _ in range(60):
        y = 0.65 - 0.25 * hours**-0.6 + rng.normal(0, 0.015, 8)
        found = prospect(hours, y)
        hits += found.low <= truth <= found.high
    assert hits >= 48


def test_three_rounds_are_needed_before_anything_is_said():
    assert np.isnan(prospect([1, 2], [0.3, 0.4]).gain)
    assert "after three rounds" in str(prospect([1, 2], [0.3, 0.4]))


def test_models_agree_beyond_chance_or_not():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 4, 5000)
    assert agreement(a, a) == 1
    assert abs(agreement(a, rng.permutation(a))) < 0.05
    with pytest.raises(ValueError, match="one length"):
        agreement(a, a[:5])


def test_no_more_is_promised_than_answers_change_or_than_there_is():
    hours, uar = [1, 2, 3], [0.2, 0.5, 0.7]
    free, held = prospect(hours, uar), prospect(hours, uar, changed=0.01)
    assert held.gain == held.high == 0.01 < free.gain
    assert prospect(hours, [0.2, 0.5, 0.99]).high <= 0.01 + 1e-9


def test_changed_answers_count_alike_for_every_emotion():
    before, now = [0] * 8 + [1] * 2, [0] * 8 + [0, 1]
    assert share_changed(before, now) == pytest.approx((0 + 0.5) / 2)

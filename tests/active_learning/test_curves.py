import math

import numpy as np
import pytest

from active_learning.curves import area_under_curve, labels_to_reach, paired_difference


def test_labels_to_reach_lie_between_the_points_of_the_curve():
    assert labels_to_reach([10, 20, 40], [0.2, 0.4, 0.6], 0.5) == pytest.approx(30)
    assert labels_to_reach([10, 20, 40], [0.2, 0.4, 0.6], 0.1) == 10
    assert math.isnan(labels_to_reach([10, 20, 40], [0.2, 0.4, 0.6], 0.7))


def test_the_area_is_the_mean_height():
    assert area_under_curve([10, 30], [0.5, 0.5]) == pytest.approx(0.5)
    assert area_under_curve([0, 10, 40], [0.0, 1.0, 1.0]) == pytest.approx(35 / 40)
    assert area_under_curve([18], [0.3]) == pytest.approx(0.3)


def test_a_curve_that_does_not_rise_in_labels_is_refused():
    with pytest.raises(ValueError, match="must rise"):
        area_under_curve([10, 10], [0.1, 0.2])


def test_the_interval_of_a_paired_difference_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        level = rng.normal(size=8)
        ours = level + 0.3 + rng.normal(scale=0.2, size=8)
        found = paired_difference(ours, level + rng.normal(scale=0.2, size=8))
        hits += found.low <= 0.3 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_one_pair_has_a_difference_but_no_interval():
    found = paired_difference([0.5], [0.4])
    assert found.mean == pytest.approx(0.1)
    assert math.isnan(found.low)
    with pytest.raises(ValueError, match="two equal rows"):
        paired_difference([0.1, 0.2], [0.1])

import numpy as np
import pytest

from labels.selective import area_under_risk_coverage, reliability, risk_coverage, selective_risk

PROBA = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6], [0.55, 0.45]])
TRUTH = np.array([0, 1, 0, 0, 1])


def test_the_surest_are_said_first():
    coverage, risk = risk_coverage(PROBA, TRUTH)
    assert coverage == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert risk == pytest.approx([0, 0, 0, 0.25, 0.4])
    assert selective_risk(PROBA, TRUTH, 0.6) == 0
    assert selective_risk(PROBA, TRUTH, 0.8) == pytest.approx(0.25)
    assert area_under_risk_coverage(PROBA, TRUTH) == pytest.approx(0.13)


def test_answers_as_sure_as_one_another_are_said_together():
    proba = np.array([[0.6, 0.4]] * 4)
    assert selective_risk(proba, [0, 0, 1, 1], 0.5) == pytest.approx(0.5)
    assert selective_risk(proba, [1, 1, 0, 0], 0.5) == pytest.approx(0.5)


def test_unknown_truth_is_left_out_and_nothing_known_is_not_a_score():
    assert selective_risk(PROBA, [0, -1, np.nan, -1, -1], 0.8) == 0
    assert np.isnan(selective_risk(PROBA, np.full(5, -1)))
    assert reliability(PROBA, np.full(5, -1)) == []


def test_a_reliability_diagram_counts_everybody_once():
    bins = reliability(PROBA, TRUTH, n_bins=5)
    assert sum(b["n"] for b in bins) == 5
    top = bins[-1]
    assert (top["from"], top["n"], top["accuracy"]) == (0.8, 1, 1.0)
    assert top["confidence"] == pytest.approx(0.9)


def test_shapes_that_do_not_go_together_are_refused():
    with pytest.raises(ValueError, match=r"\(5, 2\) does not go with \(3,\)"):
        risk_coverage(PROBA, [0, 1, 0])

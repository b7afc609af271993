import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from labels.kappa import cohen_kappa, fleiss, fleiss_kappa, kappa_of_table
from labels.ratings import Ratings

# Fleiss 1971, Table 1: 30 patients, 6 psychiatrists each, 5 diagnoses.
PATIENTS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
# The fourteen-rater example by which the formula is usually taught (kappa .210).
FOURTEEN = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)


def _patients():
    return np.array([[int(digit) for digit in row] for row in PATIENTS.split()])


def test_fleiss_kappa_of_thirty_patients_is_the_published_one():
    assert fleiss_kappa(_patients()) == pytest.approx(0.430, abs=5e-4)


def test_fleiss_kappa_of_fourteen_raters_is_the_published_one():
    assert fleiss_kappa(FOURTEEN) == pytest.approx(0.210, abs=5e-4)


def test_cohens_kappa_of_his_own_example_is_the_published_one():
    # Cohen 1960, Table 1: 200 subjects, three diagnoses by two judges; kappa .492.
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    assert kappa_of_table(table) == pytest.approx(0.492, abs=5e-4)


@pytest.mark.parametrize("weighting", ["none", "linear", "quadratic"])
def test_cohens_kappa_agrees_with_another_implementation(weighting):
    rng = np.random.default_rng(0)
    one = rng.integers(0, 5, 300)
    other = np.where(rng.random(300) < 0.5, one, rng.integers(0, 5, 300))
    theirs = cohen_kappa_score(one, other, weights=None if weighting == "none" else weighting)
    assert cohen_kappa(one, other, weighting) == pytest.approx(theirs)


def test_answers_that_one_rater_left_out_do_not_count():
    one, other = np.array([0, 1, 1, 0, np.nan, 1]), np.array([0, 1, 0, 0, 1, np.nan])
    assert cohen_kappa(one, other) == pytest.approx(cohen_kappa(one[:4], other[:4]))


def test_two_who_always_say_the_same_one_thing_have_no_kappa():
    assert np.isnan(cohen_kappa([1, 1, 1], [1, 1, 1]))
    assert np.isnan(fleiss_kappa([[3, 0], [3, 0]]))


def test_fleiss_kappa_of_ratings_is_that_of_their_counts_within_its_interval():
    rows = [np.repeat(np.arange(5), counts) for counts in _patients()]
    found = fleiss(Ratings.of_matrix(np.array(rows, dtype=float)))
    assert found.value == pytest.approx(0.430, abs=5e-4)
    assert found.low < found.value < found.high
    assert found == fleiss(Ratings.of_matrix(np.array(rows, dtype=float)))


def test_an_unknown_weighting_is_named():
    with pytest.raises(ValueError, match="'cubic' is not one of none, linear, quadratic"):
        cohen_kappa([0, 1], [0, 1], "cubic")

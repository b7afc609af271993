import numpy as np
import pytest

from labels.icc import icc, icc_of_matrix
from labels.ratings import Ratings

# Shrout & Fleiss 1979, Table 2: six targets, four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)
PUBLISHED = {
    "ICC(1,1)": 0.17,
    "ICC(2,1)": 0.29,
    "ICC(3,1)": 0.71,
    "ICC(1,k)": 0.44,
    "ICC(2,k)": 0.62,
    "ICC(3,k)": 0.91,
}


def test_the_six_coefficients_of_shrout_and_fleiss_are_the_published_ones():
    found = icc_of_matrix(SHROUT_FLEISS)
    assert found == pytest.approx(PUBLISHED, abs=5e-3)
    of_ratings = icc(Ratings.of_matrix(SHROUT_FLEISS), n_resamples=100)
    assert {name: one.value for name, one in of_ratings.items()} == pytest.approx(found)


def test_ratings_with_gaps_have_the_one_way_coefficients_only():
    with_gap = SHROUT_FLEISS.astype(float)
    with_gap[2, 1] = np.nan
    assert set(icc(Ratings.of_matrix(with_gap), n_resamples=100)) == {"ICC(1,1)", "ICC(1,k)"}


@pytest.mark.slow
def test_a_planted_share_of_variance_between_items_is_recovered_from_unequal_groups():
    rng = np.random.default_rng(0)
    n_ratings = rng.integers(1, 9, 3000)
    item = np.repeat(np.arange(3000), n_ratings)
    value = rng.normal(0, 3, 3000)[item] + rng.normal(0, 4, len(item))
    rater = np.concatenate([np.arange(n) for n in n_ratings])
    found = icc(Ratings.of(3000, [str(j) for j in range(8)], item, rater, value), n_resamples=200)
    one = found["ICC(1,1)"]
    assert one.value == pytest.approx(9 / 25, abs=0.03)
    assert one.low < 9 / 25 < one.high < one.low + 0.1


def test_an_incomplete_matrix_is_refused():
    with pytest.raises(ValueError, match="a complete matrix"):
        icc_of_matrix([[1.0, np.nan], [2.0, 3.0]])
    assert icc(Ratings.of(3, ["a"], [], [], [])) == {}

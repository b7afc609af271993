import numpy as np
import pytest

from labels.votes import Votes


def test_a_dense_matrix_comes_back_as_it_went_in():
    matrix = np.array([[0, -1, 2], [-1, -1, -1], [1, 1, 0]])
    votes = Votes.from_dense(matrix, n_classes=3, sources=["a", "b", "c"])
    assert len(votes.item) == 5
    np.testing.assert_array_equal(votes.to_dense(), matrix)


def test_a_vote_for_a_set_abstains_in_the_dense_matrix():
    votes = Votes(
        2, 3, ("a",), (frozenset({0, 1}), frozenset({2})),
        np.array([0, 1]), np.array([0, 0]), np.array([0, 1]),
    )  # fmt: skip
    assert votes.to_dense().tolist() == [[-1], [2]]
    assert votes.allowed().tolist() == [[True, True, False], [False, False, True]]


def test_merged_votes_join_sources_and_values_of_the_same_name():
    left = Votes.from_dense(np.array([[0, -1], [-1, 1]]), 2, ["a", "b"])
    right = Votes.from_dense(np.array([[1, -1], [-1, 0]]), 2, ["b", "c"])
    both = left.merge(right)
    assert both.sources == ("a", "b", "c")
    np.testing.assert_array_equal(both.to_dense(), [[0, 1, -1], [-1, 1, 0]])
    assert left.merge(Votes.empty(2, 2)).sources == ("a", "b")


def test_votes_that_point_nowhere_are_refused():
    one = np.array([0])
    with pytest.raises(ValueError, match="item holds an index outside"):
        Votes(1, 2, ("a",), (frozenset({0}),), np.array([1]), one, one)
    with pytest.raises(ValueError, match="is not a non-empty set of classes"):
        Votes(1, 2, ("a",), (frozenset(),), one, one, one)
    with pytest.raises(ValueError, match=r"votes must lie in \[-1, 2\)"):
        Votes.from_dense(np.array([[2]]), n_classes=2)
    with pytest.raises(ValueError, match="cannot merge votes on 1 items x 2 classes"):
        Votes.empty(1, 2).merge(Votes.empty(2, 2))

import numpy as np
import pytest

from labels.majority import majority_share, strict_majority, vote_mass
from labels.votes import Votes


def votes_of(n_items: int, n_classes: int, cast: list[tuple[int, str, set[int]]]) -> Votes:
    sources = tuple(dict.fromkeys(source for _, source, _ in cast))
    vocabulary = tuple(dict.fromkeys(frozenset(value) for _, _, value in cast))
    return Votes(
        n_items,
        n_classes,
        sources,
        vocabulary,
        np.array([item for item, _, _ in cast], dtype=np.int64),
        np.array([sources.index(source) for _, source, _ in cast], dtype=np.int64),
        np.array([vocabulary.index(frozenset(value)) for _, _, value in cast], dtype=np.int64),
    )


def test_an_item_without_votes_is_uniform_whatever_the_pseudo_votes():
    for pseudo_votes in (0.0, 0.5, 3.0):
        proba = majority_share(Votes.empty(2, 4), pseudo_votes)
        np.testing.assert_allclose(proba, 0.25)


def test_a_share_counts_one_pseudo_vote_for_all_classes_together():
    votes = Votes.from_dense(np.array([[0, 0, 1, -1]]), n_classes=4)
    np.testing.assert_allclose(majority_share(votes), [[2.25 / 4, 1.25 / 4, 0.25 / 4, 0.25 / 4]])


def test_a_vote_for_a_set_is_shared_out_among_its_emotions():
    votes = votes_of(1, 4, [(0, "a", {0, 1}), (0, "b", {1})])
    np.testing.assert_allclose(vote_mass(votes), [[0.5, 1.5, 0, 0]])
    np.testing.assert_allclose(majority_share(votes, 0.0), [[0.25, 0.75, 0, 0]])


def test_probabilities_add_up_to_one():
    rng = np.random.default_rng(3)
    votes = Votes.from_dense(rng.integers(-1, 5, (300, 9)), n_classes=5)
    np.testing.assert_allclose(majority_share(votes).sum(axis=1), 1)


def test_a_strict_majority_needs_more_than_half_and_a_tie_has_none():
    votes = Votes.from_dense(
        np.array([[0, 0, 1], [0, 1, 2], [2, 2, -1], [0, 1, -1], [-1, -1, -1]]), n_classes=3
    )
    assert strict_majority(votes).tolist() == [0, -1, 2, -1, -1]


def test_thirds_of_a_set_vote_do_not_make_a_majority_by_rounding():
    votes = votes_of(1, 6, [(0, "a", {0, 1, 2}), (0, "b", {0, 1, 2}), (0, "c", {0, 3})])
    # 0 has 1/3 + 1/3 + 1/2 of 3 votes: less than half
    assert strict_majority(votes).tolist() == [-1]


def test_negative_pseudo_votes_are_refused():
    with pytest.raises(ValueError, match="pseudo_votes must be 0 or more, not -1"):
        majority_share(Votes.empty(1, 2), -1.0)

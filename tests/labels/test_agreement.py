import csv
import os
from pathlib import Path

import numpy as np
import pytest

from labels.agreement import krippendorff_alpha, source_accuracy, source_summary
from labels.alpha import alpha
from labels.ratings import Ratings
from labels.votes import Votes

X = np.nan
# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, data in section C.
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3],
        [X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X],
    ]
).T


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_of_four_observers_with_missing_values_is_the_published_one(level, published):
    assert krippendorff_alpha(FOUR_OBSERVERS, level) == pytest.approx(published, abs=5e-4)


def test_alpha_of_two_observers_is_the_published_one():
    meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(np.array([meg, owen]).T) == pytest.approx(0.095, abs=5e-4)
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    letters = np.array([[ord(letter) for letter in row] for row in (ben, gerry)]).T
    assert krippendorff_alpha(letters) == pytest.approx(0.692, abs=5e-4)


def test_alpha_of_votes_is_that_of_the_matrix_they_came_from():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 5, 200)
    matrix = np.where(rng.random((200, 6)) < 0.6, truth[:, None], rng.integers(0, 5, (200, 6)))
    matrix[rng.random((200, 6)) < 0.4] = -1
    votes = Votes.from_dense(matrix, n_classes=5)
    ratings = np.where(matrix < 0, np.nan, matrix)
    for level in ("nominal", "ordinal", "interval"):
        assert krippendorff_alpha(votes, level) == pytest.approx(krippendorff_alpha(ratings, level))


def test_ordinal_alpha_agrees_with_its_definition_over_all_pairs():
    rng = np.random.default_rng(2)
    ratings = rng.integers(1, 6, (30, 4)).astype(float)
    ratings[rng.random(ratings.shape) < 0.3] = np.nan
    assert krippendorff_alpha(ratings, "ordinal") == pytest.approx(_ordinal_by_definition(ratings))


def _ordinal_by_definition(ratings):
    units = [row[np.isfinite(row)] for row in ratings]
    units = [unit for unit in units if len(unit) > 1]
    pooled = np.concatenate(units)
    counts = {value: int((pooled == value).sum()) for value in np.unique(pooled)}

    def metric(c, k):
        low, high = min(c, k), max(c, k)
        between = sum(n for value, n in counts.items() if low <= value <= high)
        return (between - (counts[c] + counts[k]) / 2) ** 2

    observed = sum(
        sum(metric(a, b) for a in unit for b in unit) / (len(unit) - 1) for unit in units
    )
    expected = sum(metric(a, b) for a in pooled for b in pooled) / (len(pooled) - 1)
    return 1 - observed / expected


def test_identical_judges_have_alpha_one_and_random_ones_about_zero():
    rng = np.random.default_rng(4)
    column = rng.integers(0, 4, (500, 1))
    assert krippendorff_alpha(np.repeat(column, 3, axis=1)) == 1
    assert abs(krippendorff_alpha(rng.integers(0, 4, (2000, 3)))) < 0.03


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_of_many_items_kinds_are_resampled_and_tell_the_same(level, monkeypatch):
    rng = np.random.default_rng(3)
    n = 2500
    truth = rng.integers(0, 5, n)
    said = np.where(rng.random((3, n)) < 0.6, truth, rng.integers(0, 5, (3, n))).astype(float)
    said[rng.random((3, n)) < 0.2] = np.nan
    ratings = Ratings.of_matrix(said.T)
    quick = alpha(ratings, level, n_resamples=300)
    monkeypatch.setattr("labels.alpha._MANY", 10**9)
    slow = alpha(ratings, level, n_resamples=300)
    assert quick.value == pytest.approx(slow.value, abs=1e-12)
    assert (quick.low, quick.high) == pytest.approx((slow.low, slow.high), abs=0.012)


def test_alpha_is_not_known_without_pairs_or_without_variation():
    assert np.isnan(krippendorff_alpha(np.array([[1.0, X], [X, 2.0]])))
    assert np.isnan(krippendorff_alpha(np.array([[1.0, 1.0], [1.0, 1.0]])))
    assert np.isnan(krippendorff_alpha(Votes.empty(3, 4)))


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ValueError, match="level 'ratio' is not one of nominal, ordinal"):
        krippendorff_alpha(FOUR_OBSERVERS, "ratio")


def test_listeners_of_voices_agree_as_little_as_is_known_of_crema_d():
    root = Path(os.environ.get("UNDERTONE_TEST_DATA", Path(__file__).parents[3] / "shared/data"))
    table = root / "crema-d" / "tabulatedVotes.csv"
    if not table.is_file():
        pytest.skip(f"no CREMA-D votes at {table}")
    item, value = [], []
    with table.open(newline="", encoding="utf-8-sig") as lines:
        clips = [row for row in csv.DictReader(lines) if next(iter(row.values())).startswith("1")]
    for i, row in enumerate(clips):
        for c, code in enumerate("ADFHNS"):
            item += [i] * int(row[code])
            value += [c] * int(row[code])
    order = np.arange(len(item))
    votes = Votes(
        len(clips), 6, tuple(map(str, order)), tuple(frozenset({c}) for c in range(6)),
        np.array(item), order, np.array(value),
    )  # fmt: skip
    assert len(clips) == 7442
    assert krippendorff_alpha(votes) == pytest.approx(0.28, abs=0.01)


def planted() -> Votes:
    """a: class 0 on items 0-3; b: {0, 1} on items 0, 1 and 2 on item 2; c: nothing."""
    return Votes(
        5, 3, ("a", "b", "c"), (frozenset({0}), frozenset({0, 1}), frozenset({2})),
        np.array([0, 1, 2, 3, 0, 1, 2]), np.array([0, 0, 0, 0, 1, 1, 1]),
        np.array([0, 0, 0, 0, 1, 1, 2]),
    )  # fmt: skip


def test_a_summary_counts_coverage_overlaps_conflicts_and_the_values_used():
    table = source_summary(planted(), ["anger", "fear", "joy"])
    assert table.loc["a"].tolist() == [4, 0.8, 0.6, 0.2, "anger"]
    assert table.loc["b"].tolist() == [3, 0.6, 0.6, 0.2, "anger|fear, joy"]
    assert table.loc["c"].tolist() == [0, 0.0, 0.0, 0.0, ""]


def test_sets_that_share_an_emotion_do_not_conflict():
    table = source_summary(planted())
    assert table.loc["a", "conflicts"] == pytest.approx(1 / 5)  # item 2 alone


def test_a_summary_over_many_blocks_of_items_agrees_with_snorkel():
    from snorkel.labeling import LFAnalysis

    rng = np.random.default_rng(5)
    matrix = rng.integers(-1, 4, (70_000, 5))
    matrix[rng.random(matrix.shape) < 0.7] = -1
    ours = source_summary(Votes.from_dense(matrix, n_classes=4))
    theirs = LFAnalysis(matrix)
    np.testing.assert_allclose(ours["coverage"], theirs.lf_coverages())
    np.testing.assert_allclose(ours["overlaps"], theirs.lf_overlaps())
    np.testing.assert_allclose(ours["conflicts"], theirs.lf_conflicts())


def test_accuracy_of_a_source_is_shown_beside_the_chance_of_its_sets():
    table = source_accuracy(planted(), [0, 1, 2, 2, -1])
    assert table.loc["a"].tolist() == [4, 0.25, 0.25]
    assert table.loc["b", "accuracy"] == 1
    assert table.loc["b", "chance"] == pytest.approx((0.5 + 0.5 + 0.5) / 3)
    assert table.loc["c", "n_known"] == 0
    assert np.isnan(table.loc["c", "accuracy"])


def test_summaries_of_no_votes_are_empty_tables():
    assert source_summary(Votes.empty(4, 3)).empty
    assert source_accuracy(Votes.empty(4, 3), [0, 1, 2, -1]).empty

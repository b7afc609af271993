"""A batch that people can be given: held against planted pools."""

import numpy as np
import pandas as pd
import pytest

from active_learning.batch import compose
from active_learning.rules import Rules


def _about(n=100, seed=0):
    rng = np.random.default_rng(seed)
    speakers = rng.choice(list("abcde"), n, p=[0.6, 0.1, 0.1, 0.1, 0.1])
    return pd.DataFrame(
        {"speaker_id": speakers, "gender": np.where(np.isin(speakers, ["a", "b"]), "m", "f")}
    )


def test_without_rules_the_ranking_is_the_batch():
    ranking = np.random.default_rng(0).permutation(100)
    batch = compose(ranking, 12, Rules(), about=_about())
    np.testing.assert_array_equal(batch.rows, ranking[:12])
    assert set(batch.notes) == {""}


def test_no_voice_has_more_than_its_quota_though_it_ranks_first():
    about = _about()
    ranking = np.argsort(about["speaker_id"].to_numpy() != "a", kind="stable")
    batch = compose(ranking, 20, Rules(most={"speaker_id": 0.3}), about=about)
    counts = about["speaker_id"].iloc[batch.rows].value_counts()
    assert len(batch.rows) == 20
    assert counts.max() <= 6


def test_a_floor_is_filled_and_says_whom_it_balances():
    about = _about()
    ranking = np.argsort(about["gender"].to_numpy() == "f", kind="stable")
    batch = compose(ranking, 20, Rules(least={"gender": 0.25}), about=about)
    women = about["gender"].iloc[batch.rows].to_numpy() == "f"
    assert women.sum() == 5
    assert batch.notes.count("balances female speakers") == 5


def test_a_quota_gives_way_where_nothing_else_is_left_and_says_so():
    about = pd.DataFrame({"speaker_id": ["a"] * 11 + ["b"]})
    batch = compose(np.arange(12), 10, Rules(most={"speaker_id": 0.2}), about=about)
    assert len(batch.rows) == 10
    assert any("nothing else is left" in note for note in batch.notes)


def test_copies_are_taken_once_even_where_places_stay_empty():
    points = np.repeat(np.random.default_rng(0).normal(size=(5, 4)), 3, axis=0).astype(np.float32)
    about = pd.DataFrame({"speaker_id": ["a"] * 15})
    batch = compose(np.arange(15), 10, Rules(apart=0.1), about=about, points=points)
    assert batch.rows.tolist() == [0, 3, 6, 9, 12]


def test_a_budget_of_time_is_kept_and_short_clips_of_equal_worth_come_first():
    about = pd.DataFrame({"speaker_id": [str(i) for i in range(30)]})
    cost = np.where(np.arange(30) % 2 == 0, 30.0, 10.0)
    batch = compose(
        np.arange(30), 30, Rules(budget_s=100), about=about, cost_s=cost, worth=np.ones(30)
    )
    assert cost[batch.rows].sum() <= 100
    assert (cost[batch.rows] == 10).all()
    assert len(batch.rows) == 10


def test_rules_that_cannot_be_are_refused_with_the_figure():
    with pytest.raises(ValueError, match=r"most of gender must lie in \[0, 1\], not 2"):
        Rules(most={"gender": 2})
    with pytest.raises(ValueError, match="budget_s must be above 0, not 0"):
        Rules(budget_s=0)

import numpy as np
import pytest

from labels.metrics import uar
from reports.certainty import counts, mean_recall, recall_interval, wilson


def test_counts_pass_over_unknown_truth():
    proba = np.eye(3)[[0, 1, 1, 2]]
    assert counts([0, 0, -1, np.nan], proba).tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_the_mean_recall_of_a_table_is_the_uar():
    rng = np.random.default_rng(0)
    truth, proba = rng.integers(0, 4, 200), rng.dirichlet(np.ones(5), 200)
    assert mean_recall(counts(truth, proba)) == pytest.approx(uar(proba, truth))


def test_the_interval_covers_the_planted_recall_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    share = np.array([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]])
    hits = 0
    for seed in range(200):
        table = np.stack([rng.multinomial(20, p) for p in share])
        low, high = recall_interval(table, n_resamples=400, seed=seed)
        hits += low <= 0.7 <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_the_interval_is_the_same_every_time():
    table = np.array([[5, 1], [2, 3]])
    assert recall_interval(table) == recall_interval(table)


def test_one_clip_leaves_a_wide_interval_and_none_leaves_no_interval():
    low, high = recall_interval(np.array([[1, 0], [0, 0]]))
    assert high - low > 0.9
    assert np.isnan(recall_interval(np.zeros((2, 2), dtype=int))).all()


def test_wilson_gives_the_textbook_interval():
    low, high = wilson([0, 8], [10, 10])
    assert low == pytest.approx([0, 0.490], abs=1e-3)
    assert high == pytest.approx([0.278, 0.943], abs=1e-3)
    assert np.isnan(wilson(0, 0)).all()

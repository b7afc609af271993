"""What every query strategy must hold to; each new name in STRATEGIES inherits all of it."""

import numpy as np
import pytest
from modAL.batch import uncertainty_batch_sampling
from modAL.models import ActiveLearner, Committee
from sklearn.linear_model import LogisticRegression

from active_learning.cluster_margin import cluster_margin
from active_learning.default import default, phase
from active_learning.margin import margin
from active_learning.random_choice import random_choice
from active_learning.ranked_batch import ranked_batch
from active_learning.selection import Untaught
from active_learning.strategies import STRATEGIES, strategy
from active_learning.typical import typical


@pytest.fixture(params=sorted(STRATEGIES))
def query(request):
    return STRATEGIES[request.param]


def _blobs(n=240, n_classes=4, n_features=6, seed=0):
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % n_classes
    centres = rng.normal(scale=2, size=(n_classes, n_features))
    return centres[truth] + rng.normal(size=(n, n_features)), truth


def _learner(query, n_labelled=40, **settings):
    features, truth = _blobs(**settings)
    learner = ActiveLearner(
        LogisticRegression(),
        query_strategy=query,
        X_training=features[:n_labelled],
        y_training=truth[:n_labelled],
    )
    return learner, features[n_labelled:], truth[n_labelled:]


@pytest.mark.parametrize("n", [1, 2, 3, 17])
def test_it_picks_as_many_as_asked_and_none_twice(query, n):
    learner, pool, _ = _learner(query)
    indices, rows = learner.query(pool, n_instances=n, seed=3)
    assert indices.shape == (n,)
    assert len(set(indices.tolist())) == n
    assert 0 <= indices.min() <= indices.max() < len(pool)
    np.testing.assert_array_equal(rows, pool[indices])


def test_scores_go_with_the_picks_and_are_finite(query):
    learner, pool, _ = _learner(query)
    indices, scores = query(learner, pool, 9, seed=0)
    assert indices.dtype.kind == "i"
    assert scores.shape == (9,)
    assert np.isfinite(scores).all()


def test_the_same_seed_picks_the_same(query):
    learner, pool, _ = _learner(query)
    first = query(learner, pool, 12, seed=5).indices
    np.random.seed(1)  # noqa: NPY002 - a global seed must not matter
    np.testing.assert_array_equal(first, query(learner, pool, 12, seed=5).indices)


def test_a_pool_smaller_than_the_batch_is_returned_whole(query):
    learner, pool, _ = _learner(query)
    assert sorted(query(learner, pool[:7], 20, seed=0).indices) == list(range(7))


def test_a_pool_of_one_clip_gives_that_clip(query):
    learner, pool, _ = _learner(query)
    assert query(learner, pool[:1], 3, seed=0).indices.tolist() == [0]


def test_features_that_are_not_known_stop_nothing(query):
    class Tolerant(LogisticRegression):
        def predict_proba(self, X):
            return super().predict_proba(np.nan_to_num(X))

    features, truth = _blobs()
    features[::5, 1] = np.nan
    features[:, 3] = np.nan
    learner = ActiveLearner(Tolerant(), query_strategy=query)
    learner.estimator.fit(np.nan_to_num(features[:40]), truth[:40])
    learner.X_training, learner.y_training = features[:40], truth[:40]
    picks = query(learner, features[40:], 10, seed=0)
    assert len(set(picks.indices.tolist())) == 10
    assert np.isfinite(picks.scores).all()


def test_a_pool_of_equal_clips_stops_nothing(query):
    learner, pool, _ = _learner(query)
    assert len(set(query(learner, np.ones_like(pool[:50]), 8, seed=0).indices.tolist())) == 8


def test_a_model_that_knows_one_class_stops_nothing(query):
    class OneClass:
        def predict_proba(self, X):
            return np.ones((len(X), 1))

    picks = query(OneClass(), _blobs()[0], 8, seed=0)
    assert len(set(picks.indices.tolist())) == 8
    assert np.isfinite(picks.scores).all()


def test_without_a_model_it_still_picks(query):
    picks = query(ActiveLearner(Untaught(), query_strategy=query), _blobs()[0], 8, seed=0)
    assert len(set(picks.indices.tolist())) == 8


def test_the_order_of_the_pool_does_not_decide_what_is_picked(query):
    if query is random_choice:
        pytest.skip("chance follows the order by its nature")
    learner, pool, _ = _learner(query)
    order = np.random.default_rng(0).permutation(len(pool))
    straight = query(learner, pool, 12, seed=0).indices
    shuffled = order[query(learner, pool[order], 12, seed=0).indices]
    assert set(straight.tolist()) == set(shuffled.tolist())


def test_it_serves_a_committee_as_it_serves_a_learner(query):
    features, truth = _blobs()
    members = [
        ActiveLearner(LogisticRegression(C=c), X_training=features[:40], y_training=truth[:40])
        for c in (0.1, 1.0)
    ]
    committee = Committee(learner_list=members, query_strategy=query)
    assert len(committee.query(features[40:], n_instances=5)[0]) == 5


def test_a_batch_below_one_is_refused_with_the_number(query):
    learner, pool, _ = _learner(query)
    with pytest.raises(ValueError, match="n_instances must be 1 or more, not 0"):
        query(learner, pool, 0)


@pytest.mark.parametrize("n", [1, 5, 40])
def test_ranked_batch_makes_the_picks_of_modal(n):
    learner, pool, _ = _learner(ranked_batch, n=900, n_features=20)
    theirs, _scores = uncertainty_batch_sampling(learner, pool, n_instances=n)
    np.testing.assert_array_equal(ranked_batch(learner, pool, n).indices, theirs)


def test_ranked_batch_starts_without_labels_as_modal_does():
    features, truth = _blobs(n=300)
    learner = ActiveLearner(LogisticRegression().fit(features[:40], truth[:40]))
    theirs, _scores = uncertainty_batch_sampling(learner, features[40:], n_instances=15)
    np.testing.assert_array_equal(ranked_batch(learner, features[40:], 15).indices, theirs)


def test_margin_picks_the_clips_nearest_the_border():
    learner, pool, _ = _learner(margin)
    proba = np.sort(learner.predict_proba(pool), axis=1)
    gap = proba[:, -1] - proba[:, -2]
    assert set(margin(learner, pool, 6).indices.tolist()) == set(np.argsort(gap)[:6].tolist())


def test_cluster_margin_spreads_over_copies_where_margin_piles_up():
    learner, pool, _ = _learner(margin)
    doubtful = margin(learner, pool, 12).indices
    pool = np.concatenate([pool, np.repeat(pool[doubtful], 4, axis=0)])
    n_margin = len(np.unique(pool[margin(learner, pool, 12).indices], axis=0))
    n_cluster = len(np.unique(pool[cluster_margin(learner, pool, 12).indices], axis=0))
    assert n_margin <= 4
    assert n_cluster == 12


def test_typical_hears_every_planted_region_once():
    rng = np.random.default_rng(0)
    centres = rng.normal(scale=30, size=(8, 5))
    region = rng.permutation(np.arange(400) % 8)
    pool = centres[region] + rng.normal(size=(400, 5))
    picks = typical(Untaught(), pool, 8, seed=1).indices
    assert len(set(region[picks].tolist())) >= 7


def test_typical_leaves_regions_that_were_heard_for_last():
    rng = np.random.default_rng(0)
    centres = 40 * np.eye(6)
    region = rng.permutation(np.arange(300) % 6)
    pool = centres[region] + rng.normal(size=(300, 6))
    learner = ActiveLearner(Untaught(), query_strategy=typical)
    learner.X_training = centres[:3]
    picks = typical(learner, pool, 3, seed=0).indices
    assert set(region[picks].tolist()) <= {3, 4, 5}


def test_default_starts_with_typical_clips_and_goes_over_to_doubtful_ones():
    early, pool, _ = _learner(default, n_labelled=6)
    late, later_pool, _ = _learner(default, n_labelled=40)
    assert phase(early, pool) == "typical"
    assert phase(late, later_pool) == "cluster-margin"
    assert phase(ActiveLearner(Untaught()), pool) == "typical"


def test_a_strategy_is_found_by_name_and_a_wrong_name_meets_near_misses():
    assert strategy("Ranked_Batch") is ranked_batch
    with pytest.raises(ValueError, match=r"unknown strategy 'margn' \(did you mean margin"):
        strategy("margn")
    with pytest.raises(ValueError, match=r"unknown strategy 'zzz' \(known: default, random"):
        strategy("zzz")

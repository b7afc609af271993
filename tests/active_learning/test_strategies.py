"""What every query strategy must hold to; each new name in STRATEGIES inherits all of it."""

import numpy as np
import pytest
from modAL.batch import uncertainty_batch_sampling
from modAL.models import ActiveLearner, Committee
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression

from active_learning.badge import badge
from active_learning.bald import bald
from active_learning.cluster_margin import cluster_margin
from active_learning.core_set import core_set
from active_learning.coverage import coverage
from active_learning.default import default, phase
from active_learning.expected_error import error_variance, expected_error
from active_learning.label_disagreement import label_disagreement
from active_learning.margin import margin
from active_learning.random_choice import random_choice
from active_learning.ranked_batch import ranked_batch
from active_learning.selection import Untaught
from active_learning.space import Scale
from active_learning.strategies import STRATEGIES, strategy
from active_learning.typiclust import typiclust
from active_learning.uncertainty import disagreement, margin_doubt
from active_learning.variance_reduction import variance_reduction


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


def test_the_pool_and_what_was_taught_are_left_as_they_are(query):
    learner, pool, _ = _learner(query)
    before, taught = pool.copy(), learner.X_training.copy()
    query(learner, pool, 9, seed=0)
    np.testing.assert_array_equal(pool, before)
    np.testing.assert_array_equal(learner.X_training, taught)


def test_a_pool_in_single_precision_is_as_good(query):
    learner, pool, _ = _learner(query)
    picks = query(learner, pool.astype(np.float32), 9, seed=0)
    assert len(set(picks.indices.tolist())) == 9
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
    if query in (random_choice, label_disagreement):
        pytest.skip("chance follows the order by its nature, and no soft labels are given here")
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


def test_typiclust_hears_every_planted_region_once():
    rng = np.random.default_rng(0)
    centres = rng.normal(scale=30, size=(8, 5))
    region = rng.permutation(np.arange(400) % 8)
    pool = centres[region] + rng.normal(size=(400, 5))
    picks = typiclust(Untaught(), pool, 8, seed=1).indices
    assert len(set(region[picks].tolist())) >= 7


def test_typiclust_leaves_regions_that_were_heard_for_last():
    rng = np.random.default_rng(0)
    centres = 40 * np.eye(6)
    region = rng.permutation(np.arange(300) % 6)
    pool = centres[region] + rng.normal(size=(300, 6))
    learner = ActiveLearner(Untaught(), query_strategy=typiclust)
    learner.X_training = centres[:3]
    picks = typiclust(learner, pool, 3, seed=0).indices
    assert set(region[picks].tolist()) <= {3, 4, 5}


def test_default_starts_with_clips_that_stand_for_the_pool_and_goes_over_to_those_that_teach():
    learner, pool, _ = _learner(default, n_labelled=6)
    assert phase(learner, pool) == "variance-reduction"
    assert phase(ActiveLearner(Untaught()), pool) == "coverage"


def test_coverage_stands_for_every_planted_region():
    rng = np.random.default_rng(0)
    region = np.repeat(np.arange(6), [150, 100, 60, 40, 30, 20])
    pool = 12 * np.eye(6)[region] + rng.normal(size=(400, 6))
    assert set(region[coverage(Untaught(), pool, 6).indices].tolist()) == set(range(6))


def test_a_prior_makes_coverage_hear_what_weak_labels_hold_for_rare():
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], [190, 10])
    pool = rng.normal(size=(200, 4))
    pool[truth == 1] += 1.5
    prior = 0.9 * np.eye(2)[truth] + 0.05
    plain, told = (truth[coverage(Untaught(), pool, 8, prior=p).indices] for p in (None, prior))
    assert (told == 1).sum() > (plain == 1).sum()


def test_variance_reduction_falls_as_it_says_pick_by_pick():
    """The scores against the definition: the fall of tr(A S^-1), inverted anew for each pick."""
    learner, pool, _ = _learner(variance_reduction, n=160, n_features=5)
    picks = variance_reduction(learner, pool, 6)
    scale = Scale.of(pool)

    def design(table):
        return np.c_[scale.onto(table), np.ones(len(table))].astype(float)

    heard, points = design(learner.X_training), design(pool)
    w = margin_doubt(learner.predict_proba(pool))
    w_heard = np.maximum(margin_doubt(learner.predict_proba(learner.X_training)), 0.05)
    information = 50 * np.eye(6) + (heard.T * w_heard) @ heard
    spread = ((heard.T * w_heard) @ heard + (points.T * w) @ points) / 160
    for index, score in zip(*picks, strict=True):
        more = information + w[index] * np.outer(points[index], points[index])
        fall = np.trace(spread @ (np.linalg.inv(information) - np.linalg.inv(more)))
        assert score == pytest.approx(fall, rel=1e-4)
        information = more


def test_variance_reduction_passes_over_a_lonely_clip_that_core_set_runs_to():
    rng = np.random.default_rng(0)
    pool = np.zeros((201, 7))
    pool[:200, :6] = rng.normal(size=(200, 2)) @ rng.normal(size=(2, 6))
    pool[200, 6] = 1  # unlike all others, and nothing that is said of it says anything of them
    learner = ActiveLearner(Untaught())
    learner.X_training = pool[:20]
    assert core_set(learner, pool[20:], 1).indices.tolist() == [180]
    assert 180 not in variance_reduction(learner, pool[20:], 5).indices


def test_core_set_leaves_no_region_far_from_a_pick():
    rng = np.random.default_rng(0)
    region = np.arange(300) % 5
    pool = 30 * np.eye(5)[region] + rng.normal(size=(300, 5))
    assert set(region[core_set(Untaught(), pool, 5).indices].tolist()) == set(range(5))


def test_badge_spreads_over_copies_where_margin_piles_up():
    learner, pool, _ = _learner(badge)
    doubtful = margin(learner, pool, 12).indices
    pool = np.concatenate([pool, np.repeat(pool[doubtful], 4, axis=0)])
    assert len(np.unique(pool[badge(learner, pool, 12).indices], axis=0)) == 12


def test_a_committees_disagreement_is_what_its_own_learners_say():
    features, truth = _blobs()
    members = [
        ActiveLearner(LogisticRegression(), X_training=features[i:80:3], y_training=truth[i:80:3])
        for i in range(3)
    ]
    committee = Committee(learner_list=members)
    told = np.stack([one.predict_proba(features[80:]) for one in members])
    expected = np.argsort(-disagreement(told))[:5]
    assert set(bald(committee, features[80:], 5).indices.tolist()) == set(expected.tolist())


def test_disagreement_is_nothing_among_the_like_minded_and_all_among_opposites():
    alike, opposite = np.full((2, 1, 2), 0.5), np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    assert disagreement(alike)[0] == pytest.approx(0)
    assert disagreement(opposite)[0] == pytest.approx(1)


def test_expected_error_is_the_regressors_own_deviation():
    rng = np.random.default_rng(0)
    heard, pool = rng.normal(size=(30, 2)), np.r_[rng.normal(size=(40, 2)), [[9.0, 9.0]]]
    model = GaussianProcessRegressor(alpha=0.1).fit(heard, heard[:, 0])
    deviation = model.predict(pool, return_std=True)[1]
    np.testing.assert_allclose(error_variance(model, pool), deviation**2)
    assert 40 in expected_error(model, pool, 5).indices


def test_planted_wrong_weak_labels_come_first():
    learner, pool, truth = _learner(label_disagreement)
    said = truth.copy()
    said[::20] = (said[::20] + 1) % 4
    picks = label_disagreement(learner, pool, 10, prior=0.85 * np.eye(4)[said] + 0.0375)
    assert np.isin(picks.indices, np.arange(0, 200, 20)).mean() >= 0.8
    with pytest.raises(ValueError, match=r"soft labels are \(200, 3\)"):
        label_disagreement(learner, pool, 10, prior=np.ones((200, 3)) / 3)


def test_a_strategy_is_found_by_name_and_a_wrong_name_meets_near_misses():
    assert strategy("Ranked_Batch") is ranked_batch
    with pytest.raises(ValueError, match=r"unknown strategy 'margn' \(did you mean margin"):
        strategy("margn")
    with pytest.raises(ValueError, match=r"unknown strategy 'zzz' \(known: default, random"):
        strategy("zzz")

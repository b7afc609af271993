"""Confidence without gold: honest where votes are independent and where they are not."""

import numpy as np
import pytest

from labels.majority import majority_share
from labels.metrics import log_loss
from labels.votes import Votes
from models import crowd_truth
from models.aggregation import aggregate
from models.ambiguity import ambiguity, expected, fit_both
from models.confusions import Anchors
from models.label_model import LabelModel
from models.leave_one_out import leave_one_out
from models.mixed_membership import Mixtures, perceive
from models.vote_columns import VoteColumns
from models.vote_em import softmax
from models.vote_replicas import replica

K = 4


def crowd(n_items, n_annotators, n_votes, *, disputed=0.0, seed=0):
    """Votes and truth; `disputed` items seem now one class, now another, to each who votes."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n_items)
    other = (truth + rng.integers(1, K, n_items)) % K
    lean = np.where(rng.random(n_items) < disputed, rng.random(n_items), 1.0)
    item = np.repeat(np.arange(n_items), n_votes)
    source = rng.permuted(np.tile(np.arange(n_annotators), (n_items, 1)), axis=1)[:, :n_votes]
    source = source.ravel()
    seems = np.where(rng.random(len(item)) < lean[item], truth[item], other[item])
    knows = rng.random(len(item)) < rng.beta(6, 2, n_annotators)[source]
    value = np.where(knows, seems, rng.integers(0, K, len(item)))
    names = tuple(f"annotator {j}" for j in range(n_annotators))
    classes = tuple(frozenset({c}) for c in range(K))
    return Votes(n_items, K, names, classes, item, source, value), truth


def left_out(votes):
    model = LabelModel(K)
    model.fit(votes)
    annotators = np.zeros(len(votes.sources), dtype=bool)
    return model, leave_one_out(VoteColumns.of(votes), model.em_fit, annotators, Anchors())


@pytest.mark.parametrize(("n_annotators", "n_votes"), [(15, 5), (60, 7), (150, 6)])
def test_independent_votes_keep_the_raw_posteriors_log_loss(n_annotators, n_votes):
    votes, truth = crowd(800, n_annotators, n_votes)
    model = LabelModel(K)
    model.fit(votes)
    raw = log_loss(model.predict_proba(votes), truth)
    assert log_loss(aggregate(votes).proba, truth) < raw + 0.03


def test_disputed_items_make_it_doubt_about_as_much_as_the_majority_share():
    votes, truth = crowd(800, 40, 9, disputed=0.7)
    found = aggregate(votes)
    assert found.report["winner"] == "label model"
    assert found.report["crowd"]["ambiguity"] > 0.3
    assert log_loss(found.proba, truth) < log_loss(majority_share(votes), truth) + 0.06
    model = LabelModel(K)
    model.fit(votes)
    assert log_loss(found.proba, truth) < log_loss(model.predict_proba(votes), truth) - 0.5


def test_votes_that_do_not_teach_what_judges_them_are_less_sure_and_more_right():
    votes, truth = crowd(800, 400, 3)
    model, left = left_out(votes)
    raw, cautious = model.predict_proba(votes), softmax(left.log_joint)
    assert cautious.max(axis=1).mean() < raw.max(axis=1).mean()
    assert log_loss(cautious, truth) < log_loss(raw, truth) - 0.02


def test_annotators_with_thousands_of_votes_are_judged_as_fitted():
    votes, _ = crowd(2500, 3, 3)
    model, left = left_out(votes)
    assert np.array_equal(left.log_joint, model.log_joint(votes))


def test_mixtures_are_probabilities_with_every_class_pure():
    mixtures = Mixtures.of(5)
    assert np.allclose(mixtures.classes.sum(axis=1), 1)
    assert mixtures.classes.min() >= 0
    assert np.array_equal(mixtures.classes[mixtures.kind == 0], np.eye(5))
    assert np.isclose(mixtures.weights(np.array([0.6, 0.3, 0.1]), np.full(5, 0.2)).sum(), 1)


@pytest.mark.parametrize("k", [1, 2, 15, 40])
def test_mixtures_of_any_number_of_classes_have_weights_that_add_up(k):
    mixtures = Mixtures.of(k)
    assert mixtures.classes.shape[1] == k
    assert len(mixtures.kind) < 500
    assert np.isclose(mixtures.weights(np.array([0.6, 0.3, 0.1]), np.full(k, 1 / k)).sum(), 1)


def test_mixed_membership_doubts_disputed_items_alone():
    doubts = []
    for disputed in (0.0, 0.7):
        votes, _ = crowd(600, 20, 9, disputed=disputed)
        truth = perceive(votes, Mixtures.of(K), None, anchors=Anchors()).truth
        assert np.allclose(truth.sum(axis=1), 1)
        doubts.append(1 - truth.max(axis=1).mean())
    assert doubts[0] < 0.05
    assert doubts[1] > 0.12


def test_ambiguity_is_seen_where_it_is_and_only_there():
    seen = []
    for disputed in (0.0, 0.6):
        votes, _ = crowd(500, 40, 8, disputed=disputed)
        fits = fit_both(votes, None, anchors=Anchors())
        seen.append(ambiguity(votes, fits, None, anchors=Anchors(), seed=0))
    assert seen[0].power > 3
    assert seen[0].share < 0.15
    assert seen[1].share > 0.4


def test_annotators_who_are_as_their_ability_says_are_drawn_all_the_way_to_it():
    # Else replicas' annotators would differ more than these do, and a million votes look disputed.
    votes, _ = crowd(4000, 12, 6)
    found = perceive(votes, Mixtures.pure(K), None, anchors=Anchors())
    drawn = found.annotators.drawn(found.pulls, np.random.default_rng(0))
    errors = drawn[:, *np.nonzero(~np.eye(K, dtype=bool))]  # uniform by ability, for each class
    assert np.abs(errors / errors.mean(axis=1, keepdims=True) - 1).mean() < 0.1


def test_where_votes_can_show_nothing_the_expected_ambiguity_stands():
    votes, _ = crowd(40, 30, 2)
    fits = fit_both(votes, None, anchors=Anchors())
    seen = ambiguity(votes, fits, None, anchors=Anchors(), seed=0)
    assert seen.power < 3
    assert abs(seen.share - expected(0.0, 0.0)) < 0.25


def test_what_is_shown_with_power_is_believed_and_a_clear_zero_too():
    assert expected(0.8, 30.0) == pytest.approx(0.8, abs=0.02)
    assert expected(0.0, 10.0) < 0.05
    assert expected(-0.4, 5.0) < 0.05
    without_power = [expected(shown, 0.1) for shown in (-1.0, 0.0, 1.0)]
    assert np.ptp(without_power) < 0.05
    rising = [expected(shown, 6.0) for shown in np.linspace(-0.5, 1.5, 21)]
    assert np.all(np.diff(rising) > 0)


def test_annotators_abilities_are_recovered_and_few_votes_are_drawn_to_the_crowd():
    votes, truth = crowd(1500, 30, 6, seed=3)
    found = perceive(votes, Mixtures.pure(K), None, anchors=Anchors())
    right = found.annotators.right / found.annotators.mass.sum(axis=1)
    planted = [
        (votes.value[votes.source == j] == truth[votes.item[votes.source == j]]).mean()
        for j in range(30)
    ]
    assert np.abs(right - planted).max() < 0.06
    drawn = found.annotators.drawn(found.pulls, np.random.default_rng(0))
    assert drawn.shape == (30, K, K)
    assert np.allclose(drawn.sum(axis=1), 1)


def test_an_annotators_vote_is_not_judged_by_itself():
    votes, _ = crowd(60, 60, 3, seed=5)
    lone = Votes(
        61, K, (*votes.sources, "once"), votes.vocabulary,
        np.append(votes.item, 60), np.append(votes.source, 60), np.append(votes.value, 2),
    )  # fmt: skip
    found = perceive(lone, Mixtures.pure(K), np.full(K, 1 / K), anchors=Anchors())
    column = np.flatnonzero(found.annotators.columns.source == 60)
    own = found.truth[[60]]
    left_out = found.annotators.evidence(column, own, found.pulls)
    assert np.allclose(left_out, found.annotators.pool[[2]], atol=1e-3)


def test_replicas_have_the_same_people_on_the_same_items():
    votes, _ = crowd(300, 20, 5)
    found = perceive(votes, Mixtures.pure(K), None, anchors=Anchors())
    drawn = replica(votes, found, np.array([1.0, 0, 0]), np.random.default_rng(1))
    assert np.array_equal(drawn.item, votes.item)
    assert np.array_equal(drawn.source, votes.source)
    assert 0.2 < (drawn.value == votes.value).mean() < 0.8


def test_the_answer_hangs_on_no_order_and_no_name():
    votes, _ = crowd(150, 12, 5, disputed=0.3)
    rng = np.random.default_rng(2)
    items, sources, classes = rng.permutation(150), rng.permutation(12), rng.permutation(K)
    order = rng.permutation(len(votes.item))
    turned = Votes(
        150, K,
        tuple(votes.sources[j] for j in np.argsort(sources)),
        votes.vocabulary,
        items[votes.item][order], sources[votes.source][order], classes[votes.value][order],
    )  # fmt: skip
    one, other = aggregate(votes).proba, aggregate(turned).proba
    assert np.allclose(other[items][:, classes], one, atol=1e-9)


def test_a_source_that_never_votes_changes_nothing():
    votes, _ = crowd(150, 12, 5)
    more = Votes(
        150, K, ("a silent one", *votes.sources), votes.vocabulary,
        votes.item, votes.source + 1, votes.value,
    )  # fmt: skip
    assert np.array_equal(aggregate(votes).proba, aggregate(more).proba)


def test_more_votes_than_are_fitted_whole_give_nearly_the_same(monkeypatch):
    votes, truth = crowd(900, 25, 6, disputed=0.3)
    whole = aggregate(votes).proba
    monkeypatch.setattr(crowd_truth, "MAX_CELLS", 80_000)
    monkeypatch.setattr(crowd_truth, "MAX_FITTED_CELLS", 80_000)
    part = aggregate(votes).proba
    assert not np.array_equal(part, whole)
    assert log_loss(part, truth) < log_loss(whole, truth) + 0.05
    assert (part.argmax(axis=1) == whole.argmax(axis=1)).mean() > 0.96

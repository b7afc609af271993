"""Soft labels: sound answers to every shape of votes, evidence for what won, honest confidence."""

import json

import numpy as np
import pytest

from labels.majority import majority_share
from labels.metrics import ece, log_loss
from labels.scheme import Emotion, Scale, Scheme
from labels.votes import Votes
from models.label_model import LabelModel
from models.soft_labels import soft_labels

SCHEME = Scheme.default()
K = len(SCHEME.classes)


def crowd(n_items=600, accuracies=(0.8, 0.7, 0.6, 0.7), *, coverage=0.8, seed=0, n_common=0.0):
    """Votes on emotions and the truth; on `n_common` of the items all share one error."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n_items)
    seems = np.where(rng.random(n_items) < n_common, rng.integers(0, K, n_items), truth)
    matrix = np.full((n_items, len(accuracies)), -1)
    for j, accuracy in enumerate(accuracies):
        said = np.where(rng.random(n_items) < accuracy, seems, rng.integers(0, K, n_items))
        matrix[:, j] = np.where(rng.random(n_items) < coverage, said, -1)
    return Votes.from_dense(matrix, K, [f"annotator {j}" for j in range(len(accuracies))]), truth


def set_functions(truth, n_functions=15, precision=0.7, seed=1):
    rng = np.random.default_rng(seed)
    item, source, value, vocabulary = [], [], [], []
    for j in range(n_functions):
        allowed = rng.permutation(K)[: rng.integers(2, 4)]
        vocabulary.append(frozenset(allowed.tolist()))
        inside = np.isin(truth, allowed)
        share = len(allowed) / K
        rate = np.where(inside, precision / share, (1 - precision) / (1 - share)) * 0.2
        cast = np.flatnonzero(rng.random(len(truth)) < rate)
        item.append(cast)
        source.append(np.full(len(cast), j))
        value.append(np.full(len(cast), j))
    # two functions may vote for the same set; a vocabulary holds each once
    distinct = tuple(dict.fromkeys(vocabulary))
    place = np.array([distinct.index(v) for v in vocabulary])
    names = tuple(f"function {j}" for j in range(n_functions))
    votes = np.concatenate(item), np.concatenate(source), place[np.concatenate(value)]
    return Votes(len(truth), K, names, distinct, *votes)


def check_sound(found, n_items):
    assert found.proba.shape == (n_items, K)
    assert np.isfinite(found.proba).all()
    assert np.allclose(found.proba.sum(axis=1), 1)
    assert found.confidence.min(initial=1) >= 0
    assert found.confidence.max(initial=0) <= 1
    assert list(found.scales) == [scale.name for scale in SCHEME.scales]
    assert json.loads(json.dumps(found.report)) == found.report
    assert list(found.report) == list(SCHEME.dimensions)


def test_no_votes_at_all_give_the_prior_and_no_confidence():
    found = soft_labels({"emotion": Votes.empty(4, K)}, SCHEME)
    check_sound(found, 4)
    assert np.allclose(found.proba, 1 / K)
    assert found.confidence.tolist() == [0.0] * 4
    assert np.isnan(found.scales["valence"].mean).all()
    assert found.report["emotion"]["winner"] == "majority"


@pytest.mark.parametrize("n_sources", [1, 2])
def test_fewer_than_three_sources_are_enough(n_sources):
    votes, truth = crowd(accuracies=(0.8,) * n_sources)
    found = soft_labels({"emotion": votes}, SCHEME)
    check_sound(found, 600)
    voted = found.confidence > 0
    assert (found.proba.argmax(axis=1) == truth)[voted].mean() > 0.75


def test_one_vote_an_item_leaves_the_majority_and_says_why():
    rng = np.random.default_rng(0)
    matrix = np.full((200, 20), -1)
    matrix[np.arange(200), rng.integers(0, 20, 200)] = rng.integers(0, K, 200)
    found = soft_labels({"emotion": Votes.from_dense(matrix, K)}, SCHEME)
    check_sound(found, 200)
    assert found.report["emotion"]["winner"] == "majority"
    assert "no item has two votes" in found.report["emotion"]["why"]


def test_a_class_never_voted_for_stays_possible_but_unlikely():
    votes, _ = crowd()
    kept = votes.value != 2
    fewer = Votes(
        600,
        K,
        votes.sources,
        votes.vocabulary,
        *(a[kept] for a in (votes.item, votes.source, votes.value)),
    )
    found = soft_labels({"emotion": fewer}, SCHEME)
    check_sound(found, 600)
    assert 0 < found.proba[found.confidence > 0, 2].max() < 0.5


def test_copies_of_a_source_count_once_and_are_named():
    votes, _ = crowd()
    plain = soft_labels({"emotion": votes}, SCHEME)
    matrix = votes.to_dense()
    copied = np.column_stack([matrix, *[matrix[:, 3]] * 5])
    names = [*votes.sources, *(f"copy {j}" for j in range(5))]
    found = soft_labels({"emotion": Votes.from_dense(copied, K, names)}, SCHEME)
    assert np.allclose(found.proba, plain.proba, atol=1e-9)
    assert found.report["emotion"]["copies"] == {f"copy {j}": "annotator 3" for j in range(5)}
    assert found.report["emotion"]["sources"]["copy 1"]["n_votes"] > 0


def test_an_always_wrong_source_does_no_harm_and_is_shown_as_wrong():
    good, truth = crowd(accuracies=(0.85, 0.8, 0.8, 0.75))
    wrong = (truth + 1) % K
    matrix = np.column_stack([good.to_dense(), wrong])
    votes = Votes.from_dense(matrix, K, [*good.sources, "wrong"])
    found = soft_labels({"emotion": votes}, SCHEME)
    assert found.report["emotion"]["sources"]["wrong"]["accuracy_high"] < 0.25
    assert (found.proba.argmax(axis=1) == truth).mean() > 0.9


def test_the_shares_of_truth_in_sources_votes_are_told():
    votes, truth = crowd(4000, accuracies=(0.9, 0.75, 0.6, 0.5, 0.7, 0.8))
    sources = soft_labels({"emotion": votes}, SCHEME).report["emotion"]["sources"]
    for j, name in enumerate(votes.sources):
        said = votes.source == j
        true_share = (votes.value[said] == truth[votes.item[said]]).mean()
        assert abs(sources[name]["accuracy"] - true_share) < 0.08
        assert sources[name]["n_votes"] == said.sum()
        assert sources[name]["kind"] == "annotator"


def test_twelve_annotators_and_fifteen_set_functions_together():
    votes, truth = crowd(1500, np.linspace(0.4, 0.8, 12), coverage=0.25)
    together = votes.merge(set_functions(truth))
    found = soft_labels({"emotion": together}, SCHEME)
    check_sound(found, 1500)
    sources = found.report["emotion"]["sources"]
    assert sum(told["kind"] == "function" for told in sources.values()) == 15
    assert log_loss(found.proba, truth) < log_loss(majority_share(together), truth)
    assert (found.proba.argmax(axis=1) == truth).mean() > 0.8


def test_functions_alone_beat_their_majority_and_do_not_collapse():
    truth = np.random.default_rng(0).integers(0, K, 3000)
    votes = set_functions(truth)
    found = soft_labels({"emotion": votes}, SCHEME)
    assert log_loss(found.proba, truth) < log_loss(majority_share(votes), truth) + 0.02
    assert np.abs(found.proba.mean(axis=0) - 1 / K).max() < 0.12


def test_independent_votes_are_tempered_little():
    votes, truth = crowd(1500, (0.7,) * 8)
    model = LabelModel(K)
    model.fit(votes)
    found = soft_labels({"emotion": votes}, SCHEME)
    assert found.report["emotion"]["crowd"]["ambiguity"] <= 0.2
    raw = log_loss(model.predict_proba(votes), truth)
    assert log_loss(found.proba, truth) < raw + 0.05


def test_gold_makes_confidence_mean_what_it_says():
    votes, truth = crowd(1500, (0.7,) * 8, n_common=0.4)
    at = np.arange(0, 1500, 10)
    without = soft_labels({"emotion": votes}, SCHEME)
    found = soft_labels({"emotion": votes}, SCHEME, gold={"emotion": (at, truth[at])})
    rest = np.setdiff1d(np.arange(1500), at)
    assert found.report["emotion"]["judged_by"] == "held-out gold"
    assert found.report["emotion"]["n_gold"] == 150
    assert ece(found.proba[rest], truth[rest]) < 0.5 * ece(without.proba[rest], truth[rest])


def test_too_little_gold_is_left_alone():
    votes, truth = crowd()
    at = np.arange(10)
    found = soft_labels({"emotion": votes}, SCHEME, gold={"emotion": (at, truth[at])})
    assert found.report["emotion"]["judged_by"] == "held-out votes"
    assert "10 gold labels are fewer than 30" in found.report["emotion"]["why"]


@pytest.mark.slow
def test_the_winner_is_what_held_out_votes_prefer_unless_gold_clearly_contradicts():
    for seed in range(3):
        votes, truth = crowd(300, (0.5, 0.5, 0.5), seed=seed)
        at = np.arange(0, 300, 3)
        told = soft_labels({"emotion": votes}, SCHEME, seed=seed).report["emotion"]
        preferred = min(told["log_loss"], key=told["log_loss"].get)
        assert told["winner"] == preferred
        gold = {"emotion": (at, truth[at])}
        judged = soft_labels({"emotion": votes}, SCHEME, gold=gold, seed=seed).report["emotion"]
        losses = judged["log_loss"]
        behind = losses[preferred] - min(losses.values())
        assert (judged["winner"] == preferred) == (behind <= 2 * judged["gain_error"])


def test_ratings_have_a_mean_and_a_deviation_in_scale_units():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 500)
    matrix = np.clip(truth[:, None] + rng.choice([-1, 0, 0, 0, 1], (500, 6)), 0, 4)
    matrix[:50] = -1
    ratings = Votes.from_dense(matrix, 5)
    found = soft_labels({"arousal": ratings}, SCHEME).scales["arousal"]
    assert np.isnan(found.mean[:50]).all()
    assert np.isnan(found.sd[:50]).all()
    error = found.mean[50:] - (truth[50:] + 1)
    assert np.sqrt((error**2).mean()) < 0.45
    assert 0.7 < np.mean(np.abs(error) < 2 * found.sd[50:]) <= 1


def rated_arousal(*, each, function_noise=None, n_items=300, seed=0):
    """Ratings from 1 to 5 by raters of different shifts, and "low" / "high" from functions."""
    rng = np.random.default_rng(seed)
    truth = np.clip(rng.normal(3, 1, n_items), 1, 5)
    item = np.repeat(np.arange(n_items), each)
    rater = np.concatenate([rng.choice(10, each, replace=False) for _ in range(n_items)])
    shift = rng.normal(0, 0.5, 10)
    said = np.clip(np.rint(truth[item] + shift[rater] + rng.normal(0, 0.7, len(item))), 1, 5)
    value = said.astype(np.int64) - 1
    if function_noise is not None:
        heard = truth + rng.normal(0, function_noise, n_items)
        for vote, cast in ((5, heard < 2.5), (6, heard > 3.5)):
            item = np.append(item, np.flatnonzero(cast))
            rater = np.append(rater, np.full(cast.sum(), 10))
            value = np.append(value, np.full(cast.sum(), vote))
    vocabulary = (*(frozenset({c}) for c in range(5)), frozenset({0, 1}), frozenset({3, 4}))
    names = (*(f"crowd:{j}" for j in range(10)), "function:f")
    return Votes(n_items, 5, names, vocabulary, item, rater, value), truth


def off(found, truth):
    return np.sqrt(np.mean((found.scales["arousal"].mean - truth) ** 2))


def test_a_scale_is_rated_as_numbers_and_raters_shifts_are_taken_out():
    votes, truth = rated_arousal(each=4)
    found = soft_labels({"arousal": votes}, SCHEME, functions=["function:f"])
    told = found.report["arousal"]
    assert told["ratings"]["winner"].startswith("shifts") and told["n_by_ratings"] == 300
    assert not told["ratings"]["functions_heeded"]
    single = votes.to_dense()[:, :10] + 1.0
    mean = np.nanmean(np.where(single > 0, single, np.nan), axis=1)
    assert off(found, truth) < 0.95 * np.sqrt(np.mean((mean - truth) ** 2))
    assert json.loads(json.dumps(found.report)) == found.report


def test_functions_help_annotators_where_they_tell_and_are_not_heeded_where_they_do_not():
    alone, truth = rated_arousal(each=2)
    both, _ = rated_arousal(each=2, function_noise=0.5)
    noise, _ = rated_arousal(each=2, function_noise=50)
    plain, helped, hindered = (
        soft_labels({"arousal": votes}, SCHEME, functions=["function:f"])
        for votes in (alone, both, noise)
    )
    assert helped.report["arousal"]["ratings"]["functions_heeded"]
    assert off(helped, truth) < 0.9 * off(plain, truth)
    assert off(hindered, truth) < 1.03 * off(plain, truth)


def test_one_rating_an_item_cannot_judge_raters_and_leaves_the_bins():
    votes, truth = rated_arousal(each=1)
    found = soft_labels({"arousal": votes}, SCHEME, functions=["function:f"])
    assert found.report["arousal"]["n_by_ratings"] == 0
    assert found.report["arousal"]["ratings"] == {}
    assert off(found, truth) < 0.9


def test_gold_ratings_calibrate_a_scale():
    votes, truth = rated_arousal(each=4)
    gold = {"arousal": (np.arange(60), SCHEME.scale("arousal").to_bin(truth[:60]))}
    found = soft_labels({"arousal": votes}, SCHEME, functions=["function:f"], gold=gold)
    assert found.report["arousal"]["ratings"]["calibrator"].startswith("gold")
    assert found.report["arousal"]["ratings"]["n_gold"] == 60
    estimate = found.scales["arousal"]
    assert 0.8 < np.mean(np.abs(estimate.mean - truth)[60:] < 1.645 * estimate.sd[60:]) <= 1


def test_what_nobody_rated_is_implied_by_the_emotion_and_counted():
    votes, truth = crowd(300, (0.95,) * 5, coverage=1.0)
    found = soft_labels({"emotion": votes}, SCHEME)
    valence = found.scales["valence"]
    happy = truth == SCHEME.class_index("happiness")
    sad = truth == SCHEME.class_index("sadness")
    assert valence.mean[happy].mean() > 4
    assert valence.mean[sad].mean() < 2.2
    assert valence.sd.min() > 0.7
    assert found.report["valence"]["n_implied_by_emotion"] == 300
    assert np.isnan(found.scales["intensity"].mean).all()  # no emotion implies an intensity


def test_a_scheme_that_places_no_emotion_implies_nothing():
    bare = Scheme("bare", "1", (Emotion("calm"), Emotion("tense")), (Scale("valence", 1, 3, 3),))
    votes = Votes.from_dense(np.array([[0, 0], [1, 1]]), 2)
    found = soft_labels({"emotion": votes}, bare)
    assert np.isnan(found.scales["valence"].mean).all()


@pytest.mark.slow
def test_the_order_of_items_is_no_matter_and_a_seed_gives_the_same_bits():
    votes, _ = crowd(400)
    order = np.random.default_rng(5).permutation(400)
    matrix = votes.to_dense()[order]
    one, two = (soft_labels({"emotion": votes}, SCHEME, seed=4) for _ in range(2))
    moved = soft_labels({"emotion": Votes.from_dense(matrix, K, votes.sources)}, SCHEME, seed=4)
    assert np.array_equal(one.proba, two.proba)
    assert one.report == two.report
    assert np.allclose(moved.proba, one.proba[order], atol=1e-9)


@pytest.mark.parametrize(
    ("votes", "gold", "message"),
    [
        ({"mood": Votes.empty(2, K)}, None, "unknown dimension 'mood'"),
        ({"emotion": Votes.empty(2, 3)}, None, "tell 3 values apart, the scheme 7"),
        ({"emotion": Votes.empty(2, K), "valence": Votes.empty(3, 5)}, None, "same items"),
        ({}, None, "at least one dimension"),
        ({"emotion": Votes.empty(2, K)}, {"emotion": ([5], [0])}, "items are 0..1"),
        ({"emotion": Votes.empty(2, K)}, {"emotion": ([1], [9])}, "classes are 0..6"),
    ],
)
def test_votes_and_gold_that_do_not_fit_are_one_line(votes, gold, message):
    with pytest.raises(ValueError, match=message) as caught:
        soft_labels(votes, SCHEME, gold=gold)
    assert "\n" not in str(caught.value)


def test_shares_that_the_scheme_states_are_the_prior():
    stated = Scheme.parse(
        "emotions: [{name: joy}, {name: calm}]\nclass_shares: {joy: .9, calm: .1}", "t"
    )
    cast = {"emotion": Votes.from_dense(np.array([[0], [-1]]), 2)}
    found = soft_labels(cast, stated)
    assert found.report["emotion"]["class_prior"] == pytest.approx([0.9, 0.1])
    assert found.proba[1] == pytest.approx([0.9, 0.1])
    given = soft_labels(cast, stated, class_balance={"emotion": "uniform"})
    assert given.proba[1] == pytest.approx([0.5, 0.5])

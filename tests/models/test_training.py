import dataclasses

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from labels import metrics
from models.device import Device
from models.emotion_model import EmotionModel, ModelError
from models.training import Targets, TrainingError, train
from models.weights import class_factors, sharpened, weak_factor

CLASSES = ("anger", "fear", "neutral", "sadness")
SCALES = {"valence": (1.0, 5.0), "arousal": (0.0, 100.0)}
K, S = len(CLASSES), len(SCALES)


def _speech(n=240, d=12, n_speakers=6, seed=0, spread=1.0):
    """Planted truth: emotions at different places, scales a linear function of the features."""
    rng = np.random.default_rng(seed)
    world = np.random.default_rng(99)
    truth = rng.integers(0, K, n)
    features = world.normal(scale=spread, size=(K, d))[truth] + rng.normal(size=(n, d))
    slopes = world.normal(size=(d, S)) / d**0.5
    unit = np.tanh(features @ slopes * 0.5) + rng.normal(scale=0.1, size=(n, S))
    ratings = np.clip(np.array([1.0, 0.0]) + (unit + 1) * np.array([2.0, 50.0]), [1, 0], [5, 100])
    return features, truth, ratings, [f"s{i % n_speakers}" for i in range(n)]


def _gold(truth, ratings=None):
    n = len(truth)
    rated = np.full((n, S), np.nan) if ratings is None else ratings
    return Targets(np.eye(K)[truth], np.ones(n), rated, np.ones((n, S)), np.ones(n, dtype=bool))


def _train(features, targets, speakers, **settings):
    settings = {"seed": 0, "max_epochs": 120, **settings}
    return train(features, targets, speakers, classes=CLASSES, scales=SCALES, **settings)


@pytest.fixture(scope="module")
def trained():
    features, truth, ratings, speakers = _speech()
    return _train(features, _gold(truth, ratings), speakers), _speech(seed=1, n=400)


def test_planted_emotions_are_learnt_as_well_as_by_a_linear_model(trained):
    model, (features, truth, _, _) = trained
    heard, labels, _, _ = _speech()
    linear = LogisticRegression().fit(heard, labels).score(features, truth)
    ours = (model.predict(features).proba.argmax(axis=1) == truth).mean()
    assert ours > linear - 0.02


def test_planted_scales_are_learnt_in_their_own_units(trained):
    model, (features, _, ratings, _) = trained
    said = model.predict(features)
    assert said.scale_mean.shape == said.scale_sd.shape == ratings.shape
    for j in range(S):
        assert metrics.ccc(said.scale_mean[:, j], ratings[:, j]) > 0.7


def test_stated_deviations_are_as_large_as_the_errors(trained):
    model, (features, _, ratings, _) = trained
    said = model.predict(features)
    z = (ratings - said.scale_mean) / said.scale_sd
    assert np.sqrt((z**2).mean(axis=0)) == pytest.approx(np.ones(S), abs=0.3)


def test_probabilities_mean_what_they_say(trained):
    model, (features, truth, _, _) = trained
    assert metrics.ece(model.predict_proba(features), truth) < 0.08


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    features, truth, ratings, speakers = _speech(n=80)
    first, again, other = (
        _train(features, _gold(truth, ratings), speakers, seed=s, max_epochs=20).predict(features)
        for s in (3, 3, 4)
    )
    for field in ("proba", "scale_mean", "scale_sd", "embedding"):
        np.testing.assert_array_equal(getattr(first, field), getattr(again, field))
    assert (first.embedding != other.embedding).any()


def test_training_leaves_torch_as_it_was():
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    features, truth, ratings, speakers = _speech(n=60)
    _train(features, _gold(truth, ratings), speakers, max_epochs=10)
    assert torch.get_num_threads() == threads
    assert torch.equal(state, torch.random.get_rng_state())


def test_soft_labels_alone_teach():
    features, truth, _, speakers = _speech(n=300)
    soft = Targets(
        proba=0.5 * np.eye(K)[truth] + 0.5 / K,
        weight=np.full(300, 0.4),
        scales=np.full((300, S), np.nan),
        scale_weight=np.zeros((300, S)),
        is_gold=np.zeros(300, dtype=bool),
    )
    model = _train(features, soft, speakers)
    unheard, labels, _, _ = _speech(seed=1)
    assert metrics.uar(model.predict_proba(unheard), labels) > 0.8
    assert model.report["calibrated_on"] == "soft labels (only 0 gold, 20 needed)"


def test_a_little_gold_is_not_drowned_by_many_wrong_weak_labels():
    features, truth, ratings, speakers = _speech(n=1500, spread=0.8)
    is_gold = np.arange(1500) < 160
    wrong = (truth + 1) % K
    targets = Targets(
        proba=np.where(is_gold[:, None], np.eye(K)[truth], np.eye(K)[wrong]),
        weight=np.where(is_gold, 1.0, 0.5),
        scales=ratings,
        scale_weight=np.where(is_gold, 1.0, 0.0)[:, None] * np.ones(S),
        is_gold=is_gold,
    )
    unheard, labels, _, _ = _speech(seed=1, n=500, spread=0.8)
    with_weak = metrics.uar(_train(features, targets, speakers).predict_proba(unheard), labels)
    assert with_weak > 0.6


@pytest.mark.parametrize("n_gold", [1, 2, 5, 19])
def test_a_handful_of_gold_is_enough_to_train(n_gold):
    features, truth, ratings, speakers = _speech(n=n_gold)
    said = _train(features, _gold(truth, ratings), speakers, max_epochs=20).predict(features)
    assert np.isfinite(said.proba).all()
    assert said.proba.sum(axis=1) == pytest.approx(np.ones(n_gold))
    assert np.isfinite(said.scale_mean).all()
    assert (said.scale_sd > 0).all()


def test_labels_of_one_class_from_one_speaker_train_a_model_that_says_so():
    features, _, _, _ = _speech(n=40)
    model = _train(features, _gold(np.zeros(40, dtype=int)), ["s0"] * 40)
    assert model.report["folds_by"] == "clip"
    assert (model.predict_proba(features).argmax(axis=1) == 0).all()


def test_scales_alone_teach_without_any_emotion():
    features, _, ratings, speakers = _speech(n=200)
    targets = Targets(
        np.full((200, K), 0.25), np.zeros(200), ratings, np.ones((200, S)), np.ones(200, dtype=bool)
    )
    said = _train(features, targets, speakers).predict(features)
    assert metrics.ccc(said.scale_mean[:, 0], ratings[:, 0]) > 0.6


def test_rows_of_which_nothing_is_known_change_nothing_but_the_scaling():
    features, truth, ratings, speakers = _speech(n=100)
    targets = _gold(truth, ratings)
    plain = _train(features, targets, speakers, max_epochs=20)
    twice = targets.rows(np.tile(np.arange(100), 2))
    twice.weight[100:] = 0
    twice.scale_weight[100:] = 0
    both = _train(np.concatenate([features] * 2), twice, speakers * 2, max_epochs=20)
    np.testing.assert_allclose(
        plain.predict_proba(features), both.predict_proba(features), atol=0.08
    )


def test_missing_features_are_learnt_from_and_predicted_with():
    features, truth, ratings, speakers = _speech()
    features[::3, 0] = np.nan
    features[:, 5] = np.nan
    said = _train(features, _gold(truth, ratings), speakers, max_epochs=20).predict(features)
    assert np.isfinite(said.proba).all()


def test_progress_is_told_up_to_the_last_epoch():
    features, truth, ratings, speakers = _speech(n=60)
    told = []
    _train(
        features,
        _gold(truth, ratings),
        speakers,
        max_epochs=30,
        progress=lambda done, most: told.append((done, most)),
    )
    assert told[0] == (10, 30)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_saved_model_is_the_same_model_and_the_same_bytes(trained, tmp_path):
    model, (features, _, _, _) = trained
    model.save(tmp_path / "a.npz")
    model.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.npz", "b.npz"]
    again = EmotionModel.load(tmp_path / "a.npz")
    assert again.classes == CLASSES
    assert again.report == model.report
    for field in ("proba", "scale_mean", "scale_sd", "embedding"):
        np.testing.assert_array_equal(
            getattr(model.predict(features), field), getattr(again.predict(features), field)
        )


def test_a_file_that_is_no_model_is_named_in_one_line(tmp_path):
    for name, content in (("empty", b""), ("text", b"hello"), ("cut", b"PK\x03\x04broken")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ModelError, match=f"model .*{name} cannot be read") as caught:
            EmotionModel.load(path)
        assert "\n" not in str(caught.value)
        assert "pickle" not in str(caught.value)
    with pytest.raises(ModelError, match="absent"):
        EmotionModel.load(tmp_path / "absent")


def test_no_clips_give_no_answers(trained):
    model, _ = trained
    said = model.predict(np.empty((0, 12)))
    assert said.proba.shape == (0, K)
    assert said.scale_mean.shape == (0, S)


def test_labels_that_nothing_can_be_learnt_from_are_refused():
    features, truth, ratings, speakers = _speech(n=20)
    nothing = dataclasses.replace(
        _gold(truth, ratings), weight=np.zeros(20), scale_weight=np.zeros((20, S))
    )
    with pytest.raises(TrainingError, match="nothing to learn from"):
        _train(features, nothing, speakers)
    with pytest.raises(TrainingError, match=r"targets.proba of row 3 does not sum to 1"):
        bad = _gold(truth, ratings)
        bad.proba[3] = 0.4
        _train(features, bad, speakers)
    with pytest.raises(
        TrainingError, match=r"targets.weight must be of shape \(20,\), not \(19,\)"
    ):
        _train(features, dataclasses.replace(_gold(truth), weight=np.ones(19)), speakers)


def test_where_each_speaker_shows_one_emotion_their_usual_is_left_alone():
    features, truth, _, _ = _speech(n=240)
    speakers = [f"{CLASSES[t]} {i % 2}" for i, t in enumerate(truth)]
    model = _train(features, _gold(truth), speakers, max_epochs=20)
    assert model.n_views == 1
    assert "8 of 8 speakers show a single emotion" in model.report["single_emotion_speakers"]
    unheard, labels, _, _ = _speech(seed=1)
    alone = [f"new {t}" for t in labels]
    assert metrics.uar(model.predict_proba(model.inputs(unheard, alone)), labels) > 0.7


def test_what_weak_labels_are_worth_is_learnt_on_held_out_gold():
    features, truth, _, speakers = _speech(n=400)
    is_gold = np.arange(400) < 120

    def taught(labels):
        return Targets(
            np.where(is_gold[:, None], np.eye(K)[truth], np.eye(K)[labels]),
            np.where(is_gold, 1.0, 0.5),
            np.full((400, S), np.nan),
            np.zeros((400, S)),
            is_gold,
        )

    right, wrong = (
        _train(features, taught(labels), speakers, max_epochs=10).report["weak_worth"]
        for labels in (truth, (truth + 1) % K)
    )
    assert right >= 50
    assert wrong == 0


def test_weak_labels_fade_as_gold_comes_in():
    def share(n_gold):
        is_gold = np.arange(1000) < n_gold
        weight = np.where(is_gold, 1.0, 0.5)
        weak = weak_factor(weight, is_gold, worth=50) * weight[~is_gold].sum()
        return weak / (weak + n_gold)

    assert share(0) == 1
    assert share(50) == pytest.approx(0.5)
    assert share(450) == pytest.approx(0.1)


def test_what_people_voted_on_is_taught_sharper_and_all_else_as_it_is():
    proba = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.0, 1.0, 0.0], [1e-200, 1.0, 0.0]])
    taught = sharpened(proba, np.array([True, False, True, True]))
    np.testing.assert_allclose(taught[0], np.array([25, 9, 4]) / 38)
    np.testing.assert_array_equal(taught[1:3], proba[1:3])
    np.testing.assert_allclose(taught.sum(axis=1), 1)
    np.testing.assert_allclose(sharpened(proba, np.ones(4, dtype=bool), 1.0), proba)


def test_only_what_people_voted_on_is_learnt_sharper():
    features, truth, _, speakers = _speech(n=300, spread=0.8)
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(K), 300) + np.eye(K)[truth]
    proba /= proba.sum(axis=1, keepdims=True)
    none, nobody = np.empty((300, 0)), np.zeros(300, dtype=bool)
    targets = Targets(proba, np.full(300, 0.6), none, none, nobody)

    def learnt(heard):
        told = dataclasses.replace(targets, heard=heard)
        model = train(features, told, speakers, classes=CLASSES, scales={}, seed=0, max_epochs=10,
                      kinds=("linear",))  # fmt: skip
        return model.linear

    plain = learnt(None)
    np.testing.assert_array_equal(learnt(nobody), plain)
    assert np.abs(learnt(~nobody)).sum() > 1.2 * np.abs(plain).sum()


def test_rare_classes_count_more_but_not_without_limit():
    factors = class_factors(np.eye(3)[[0] * 99 + [1]], np.ones(100))
    assert factors[1] > factors[0]
    assert factors.max() <= 4
    assert factors[2] == 1


def test_a_single_voice_teaches_no_boldness_about_others():
    features, truth, _, _ = _speech(n=120, spread=0.7)
    model = _train(features, _gold(truth), ["s0"] * 120, max_epochs=30)
    unheard, labels, _, speakers = _speech(seed=1, n=300, spread=0.7)
    shift = np.random.default_rng(5).normal(scale=1.0, size=(6, features.shape[1]))
    shifted = unheard + shift[[int(name[1:]) for name in speakers]]
    said = model.predict_proba(model.inputs(shifted, speakers))
    assert metrics.log_loss(said, labels) < np.log(K)


def test_a_model_is_not_timid_because_experts_were_asked_the_hard_clips():
    rng = np.random.default_rng(0)
    features, truth, _, speakers = _speech(n=600, spread=0.8)
    votes = rng.dirichlet(np.ones(K), 600) + 1.5 * np.eye(K)[truth] * rng.random((600, 1))
    votes /= votes.sum(axis=1, keepdims=True)
    linear = LogisticRegression().fit(features[::3], truth[::3])
    is_gold = np.zeros(600, dtype=bool)
    is_gold[np.argsort(linear.predict_proba(features)[np.arange(600), truth])[:60]] = True
    none = np.empty((600, 0))
    proba = np.where(is_gold[:, None], np.eye(K)[truth], votes)
    targets = Targets(proba, np.where(is_gold, 1.0, 0.6), none, none, is_gold, votes)
    unheard, labels, _, _ = _speech(seed=1, n=500, spread=0.8)
    losses = [
        metrics.log_loss(
            train(features, t, speakers, classes=CLASSES, scales={}, seed=0, max_epochs=20,
                  kinds=("linear",)).predict_proba(unheard), labels)
        for t in (targets, dataclasses.replace(targets, votes=None))
    ]  # fmt: skip
    assert losses[0] < losses[1] - 0.05


def test_in_mixed_precision_a_network_learns_the_same_within_rounding():
    features, truth, ratings, speakers = _speech()
    said = [
        _train(features, _gold(truth, ratings), speakers, kinds=("network",), max_epochs=40,
               device=Device(torch.device("cpu"), mixed)).predict(features)
        for mixed in (False, True)
    ]  # fmt: skip
    assert (said[0].proba != said[1].proba).any()
    assert np.abs(said[0].proba - said[1].proba).mean() < 0.02
    assert np.abs(said[0].scale_mean - said[1].scale_mean).mean() < 1.0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_on_a_gpu_a_network_learns_the_same_within_rounding():
    features, truth, ratings, speakers = _speech()
    here, there = (
        _train(features, _gold(truth, ratings), speakers, kinds=("network",), max_epochs=40,
               device=device).predict(features)
        for device in (Device(torch.device("cpu")), Device.best())
    )  # fmt: skip
    assert np.abs(here.proba - there.proba).mean() < 0.02

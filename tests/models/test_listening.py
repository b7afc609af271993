"""A network over frames beside the model: chosen where it pays, and no trace of it elsewhere."""

import numpy as np
import pytest

from models.device import Device
from models.emotion_model import EmotionModel
from models.frame_fitting import FrameRecipe
from models.moving import moved
from models.training import Targets, train
from tests.models.made_tracks import moving_tracks

QUICK = FrameRecipe(
    n_epochs=4, least_steps=60, batch_clips=32, learning_rate=0.01, halts=(0.5, 1.0), averaged=10
)
N, D = 180, 6


def _speech(seed=0, size=4.0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, N)
    features = rng.normal(size=(N, D))
    features[:, 0] += 0.8 * (truth == 1)
    tracks, _ = moving_tracks(truth, seed, size)
    return features, tracks, truth, [f"s{i % 6}" for i in range(N)]


def _train(features, truth, speakers, **settings):
    targets = Targets(
        proba=np.eye(3)[truth],
        weight=np.ones(N),
        scales=np.where(truth == 0, 4.0, 2.0)[:, None],
        scale_weight=np.ones((N, 1)),
        is_gold=np.ones(N, dtype=bool),
    )
    defaults = {"max_epochs": 20, "n_folds": 3, "seed": 0, "row_names": [str(i) for i in range(N)]}
    return train(
        features, targets, speakers, classes=("a", "b", "c"), scales={"valence": (1, 5)},
        **(defaults | settings),
    )  # fmt: skip


@pytest.fixture(scope="module")
def heard():
    features, tracks, truth, speakers = _speech()
    return _train(features, truth, speakers, tracks=tracks, frame_recipe=QUICK)


def test_where_time_tells_the_model_listens_and_says_what_it_was_worth(heard):
    assert heard.listener is not None and heard.report["listening"] is True
    losses = heard.report["listening_log_loss"]
    assert losses["listening"] < losses[heard.blend.kind] - 0.1
    features, tracks, truth, speakers = _speech(seed=1)
    wide = heard.inputs(features, speakers)
    with_frames, without = heard.predict(wide, tracks), heard.predict(wide)
    right, blind = ((one.proba.argmax(axis=1) == truth).mean() for one in (with_frames, without))
    assert right > 0.85 and right > blind + 0.2
    np.testing.assert_allclose(with_frames.proba.sum(axis=1), 1)
    apart = [one.scale_mean[truth == 0].mean() - one.scale_mean[truth == 2].mean()
             for one in (with_frames, without)]  # fmt: skip
    assert apart[0] > apart[1]


def test_where_time_tells_nothing_there_is_no_listener_and_the_same_model():
    features, tracks, truth, speakers = _speech(size=0.0)
    plain = _train(features, truth, speakers)
    deaf = _train(features, truth, speakers, tracks=tracks, frame_recipe=QUICK)
    assert deaf.listener is None and deaf.report["listening"] is False
    wide = plain.inputs(features, speakers)
    np.testing.assert_array_equal(plain.predict(wide).proba, deaf.predict(wide, tracks).proba)


def test_without_frames_nothing_changes(heard, tmp_path):
    features, _, truth, speakers = _speech()
    plain = _train(features, truth, speakers)
    wide = plain.inputs(features, speakers)
    np.testing.assert_array_equal(plain.predict(wide).proba, heard.predict(wide).proba)
    plain.save(tmp_path / "plain.npz")
    with np.load(tmp_path / "plain.npz") as stored:
        assert not [name for name in stored.files if "listener" in name]


def test_a_saved_listener_is_the_same_and_the_same_bytes(heard, tmp_path):
    heard.save(tmp_path / "one.npz")
    again = EmotionModel.load(tmp_path / "one.npz")
    again.save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    features, tracks, _, speakers = _speech(seed=2)
    one, two = (m.predict(m.inputs(features, speakers), tracks) for m in (heard, again))
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_one_clip_or_none_is_answered_as_among_many(heard):
    features, tracks, _, _ = _speech(seed=2)
    many = heard.predict(features, tracks).proba
    np.testing.assert_allclose(heard.predict(features[:1], tracks[:1]).proba, many[:1], atol=1e-5)
    assert heard.predict(features[:0], []).proba.shape == (0, 3)
    with pytest.raises(ValueError, match="tracks of 180 segments are expected, not 1"):
        heard.predict(features, tracks[:1])


def test_what_moved_an_answer_is_told_with_what_was_listened_to(heard):
    features, tracks, _, _ = _speech(seed=2)
    with_frames, without = (moved(heard, features[:1], 1, one) for one in (tracks[0], None))
    assert np.isfinite(with_frames.evidence).all()
    assert np.abs(with_frames.evidence - without.evidence).max() > 1e-3
    assert np.abs(with_frames.evidence).argmax() == 0


def test_one_voice_alone_teaches_no_listener_and_a_device_may_be_given():
    features, tracks, truth, _ = _speech()
    model = _train(
        features, truth, ["s"] * N, tracks=tracks, frame_recipe=QUICK,
        device=Device(__import__("torch").device("cpu")),
    )  # fmt: skip
    assert model.listener is None

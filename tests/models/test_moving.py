import numpy as np
import pytest

from models.blend import KINDS
from models.moving import moved, nearest
from models.training import Targets, train

CLASSES = ("anger", "neutral", "sadness")
N, D = 240, 6


@pytest.fixture(scope="module")
def world():
    """Anger is told by the first feature alone, sadness by the second."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, N)
    features = rng.normal(size=(N, D))
    features[:, 0] += 3 * (truth == 0)
    features[:, 1] += 3 * (truth == 2)
    speakers = [f"s{i % 6}" for i in range(N)]
    nothing = np.empty((N, 0))
    targets = Targets(np.eye(3)[truth], np.ones(N), nothing, nothing, np.ones(N, dtype=bool))
    model = train(
        features, targets, speakers, classes=CLASSES, scales={}, seed=0, max_epochs=60,
        row_names=[f"clip {i}" for i in range(N)],
    )  # fmt: skip
    return model, features, truth, speakers


def test_the_feature_that_tells_an_emotion_is_what_moved_it(world):
    model, features, truth, speakers = world
    wide = model.inputs(features, speakers)
    for leaf, feature in ((0, 0), (2, 1)):
        row = wide[np.flatnonzero(truth == leaf)[3]]
        found = moved(model, row, leaf)
        assert np.abs(found.evidence).argmax() == feature
        assert found.evidence[feature] > 0
        assert found.deviation[feature] > 0


def test_a_linear_model_is_explained_to_the_last_nat(world):
    from dataclasses import replace

    model, features, _, speakers = world
    typical = np.exp(np.log(model.blend.temperature).mean(axis=1, keepdims=True))
    linear = replace(model, blend=replace(model.blend, kind="linear", temperature=typical))
    wide = linear.inputs(features, speakers)
    at = features.shape[1]
    row, other = wide[3].copy(), wide[3].copy()
    other[0] += 0.3  # within the clip of scaled values
    logits = [np.log(linear.predict(r[None]).proba_leaves[0]) for r in (row, other)]
    change = [one - one.mean() for one in logits]
    told = [moved(linear, r, 1).evidence.sum() for r in (row, other)]
    assert told[1] - told[0] == pytest.approx(change[1][1] - change[0][1], abs=1e-4)
    assert len(moved(linear, row, 1).usual) == at


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_answer_can_be_explained_once_it_is_given_whatever_model_gave_it(world, kind):
    from dataclasses import replace

    model, features, truth, speakers = world
    fresh = replace(model, blend=replace(model.blend, kind=kind))
    wide = fresh.inputs(features, speakers)
    fresh.predict(wide[:5])
    angry = np.flatnonzero(truth == 0)[3]
    assert np.abs(moved(fresh, wide[angry], 0).evidence).argmax() == 0


def test_segments_alike_in_training_are_found_again(world):
    model, features, _, speakers = world
    wide = model.inputs(features, speakers)
    place = nearest(model, model.embed(wide[7:8])[0], 1)[0]
    assert model.memory.names[place] == "clip 7"

import numpy as np
import pytest

from models.scaling import CLIP, InputScaling


def _features(n=200, d=4, seed=0):
    return np.random.default_rng(seed).normal(5, 3, size=(n, d))


def test_columns_come_out_centred_with_unit_spread():
    out = InputScaling.fit(_features(4000)).transform(_features(4000))
    assert np.abs(np.median(out, axis=0)).max() < 0.01
    assert out.std(axis=0) == pytest.approx(np.ones(4), abs=0.05)


def test_one_broken_clip_neither_sets_the_scale_nor_leaves_the_range():
    features = _features()
    plain = InputScaling.fit(features).transform(features[1:])
    features[0] = 1e12
    scaling = InputScaling.fit(features)
    assert np.abs(scaling.transform(features[1:]) - plain).max() < 0.2
    assert scaling.transform(features[:1]).max() == CLIP


def test_a_missing_value_stands_at_the_median_and_is_marked():
    features = _features()
    features[::4, 2] = np.nan
    scaling = InputScaling.fit(features)
    out = scaling.transform(features)
    assert out.shape == (200, 5)
    assert not out[::4, 2].any()
    assert (out[::4, 4] > 0).all()
    assert not out[1::4, 4].any()


def test_a_column_nobody_knows_and_a_constant_one_say_nothing():
    features = _features()
    features[:, 0] = np.nan
    features[:, 1] = 7.0
    out = InputScaling.fit(features).transform(features)
    assert not out[:, :2].any()
    assert np.isfinite(out).all()


def test_infinite_values_count_as_missing():
    features = _features()
    features[0, 0] = np.inf
    assert np.isfinite(InputScaling.fit(_features()).transform(features)).all()


def test_another_number_of_features_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"\(n, 4\), as in training, not \(200, 3\)"):
        InputScaling.fit(_features()).transform(_features(d=3))

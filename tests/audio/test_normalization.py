import numpy as np
import pytest

from audio.normalization import by_speaker


def test_many_utterances_of_a_speaker_are_centred_on_their_own_mean():
    random = np.random.default_rng(0)
    shift = np.repeat([[0.0], [7.0], [-3.0]], 50, axis=0)
    z = by_speaker(shift + random.standard_normal((150, 4)), ["a"] * 50 + ["b"] * 50 + ["c"] * 50)
    np.testing.assert_allclose([z[:50].mean(0), z[50:100].mean(0)], 0, atol=1e-12)
    assert z.std() == pytest.approx(1, abs=0.01)


def test_few_utterances_are_shrunk_towards_the_pool():
    values = np.concatenate([np.zeros(100), [10.0] * 4])[:, None]
    values[:100:2] += 1
    speakers = ["many"] * 100 + ["few"] * 4
    z = by_speaker(values, speakers)
    pool = values.mean()
    centre = pool + 0.4 * (10 - pool)
    within = np.concatenate([values[:100, 0] - 0.5, np.full(4, 10 - centre)])
    assert z[-1, 0] == pytest.approx((10 - centre) / np.sqrt(np.mean(within**2)))
    assert by_speaker(values, speakers, few=4)[-1, 0] == pytest.approx(0)


def test_one_utterance_keeps_most_of_what_sets_it_apart():
    values = np.random.default_rng(0).standard_normal((60, 2))
    values[0] = 4
    z = by_speaker(values, [f"s{k}" for k in range(60)])
    assert (z[0] > 3).all()


def test_nan_stays_nan_and_counts_for_nothing():
    values = np.random.default_rng(0).standard_normal((40, 3))
    speakers = ["a", "b"] * 20
    whole = by_speaker(values, speakers)
    holed = np.concatenate([values, np.full((4, 3), np.nan)])
    z = by_speaker(holed, [*speakers, "a", "b", "a", "c"])
    np.testing.assert_allclose(z[:40], whole)
    assert np.isnan(z[40:]).all()
    assert np.isnan(by_speaker(np.full((3, 1), np.nan), ["a", "a", "b"])).all()


def test_a_constant_feature_is_zero():
    z = by_speaker(np.full((20, 1), 0.1), ["a"] * 15 + ["b"] * 5)
    np.testing.assert_array_equal(z, 0)


def test_scale_and_offset_of_a_feature_do_not_matter():
    values = np.random.default_rng(0).standard_normal((40, 3))
    speakers = ["a"] * 15 + ["b"] * 22 + ["c"] * 3
    np.testing.assert_allclose(
        by_speaker(1e4 * values + 1e6, speakers), by_speaker(values, speakers), rtol=1e-6
    )


def test_no_rows_give_no_rows_and_a_wrong_shape_is_an_error():
    assert by_speaker(np.empty((0, 3)), []).shape == (0, 3)
    with pytest.raises(ValueError, match="2 speakers"):
        by_speaker(np.empty((3, 3)), ["a", "b"])

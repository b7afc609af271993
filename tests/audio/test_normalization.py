import numpy as np
import pytest

from audio.normalization import SpeakerVariation, by_speaker


def test_many_utterances_of_a_speaker_are_centred_on_their_own_mean():
    random = np.random.default_rng(0)
    shift = np.repeat([[0.0], [7.0], [-3.0]], 50, axis=0)
    z = by_speaker(shift + random.standard_normal((150, 4)), ["a"] * 50 + ["b"] * 50 + ["c"] * 50)
    np.testing.assert_allclose([z[:50].mean(0), z[50:100].mean(0)], 0, atol=0.01)
    assert z.std() == pytest.approx(1, abs=0.01)


def pool_of(n_speakers: int, n_each: int, between: float, within: float, seed: int = 0):
    random = np.random.default_rng(seed)
    usual = between * random.standard_normal(n_speakers)
    values = np.repeat(usual, n_each) + within * random.standard_normal(n_speakers * n_each)
    return values[:, None], np.repeat([f"s{i:03}" for i in range(n_speakers)], n_each), usual


def test_how_far_speakers_differ_and_one_speaker_varies_is_recovered():
    values, speakers, _ = pool_of(200, 8, between=3.0, within=2.0)
    found = SpeakerVariation.of(5 + values, speakers.tolist())
    assert found.mean[0] == pytest.approx(5, abs=0.6)
    assert np.sqrt(found.between[0]) == pytest.approx(3, rel=0.1)
    assert np.sqrt(found.within[0]) == pytest.approx(2, rel=0.05)


def test_few_utterances_are_shrunk_towards_the_pool_by_their_worth():
    values, speakers, _ = pool_of(200, 8, between=3.0, within=2.0)
    found = SpeakerVariation.of(values, speakers.tolist())
    for n in (1, 2, 10, 1000):
        share = n * found.between / (n * found.between + found.within)
        expected = found.mean + share * (7 - found.mean)
        np.testing.assert_allclose(found.usual(np.full((n, 1), 7.0)), expected)
    np.testing.assert_allclose(found.usual(np.empty((0, 1))), found.mean)
    np.testing.assert_allclose(found.usual([[np.nan]]), found.mean)


@pytest.mark.parametrize("n_heard", [1, 2, 5, 20])
def test_the_shrunk_usual_is_nearer_to_the_truth_than_mean_and_pool(n_heard):
    values, speakers, _ = pool_of(300, 30, between=1.0, within=2.0)
    found = SpeakerVariation.of(values, speakers.tolist())
    heard, _, truth = pool_of(2000, n_heard, between=1.0, within=2.0, seed=1)
    parts = heard.reshape(2000, n_heard, 1)
    guess = np.array([found.usual(part)[0] for part in parts])

    def error(guess):
        return np.sqrt(np.mean((guess - truth) ** 2))

    assert error(guess) < error(parts.mean(axis=1)[:, 0])
    assert error(guess) < error(found.mean[0])


def test_speakers_that_do_not_differ_are_left_where_they_are():
    values, speakers, _ = pool_of(50, 4, between=0.0, within=1.0)
    z = by_speaker(values, speakers.tolist())
    np.testing.assert_allclose(z, (values - values.mean()) / values.std(), atol=0.4)


def test_a_speaker_set_apart_keeps_what_sets_them_apart():
    values, speakers, _ = pool_of(10, 20, between=1.0, within=1.0)
    values[:20] += 8
    usual = by_speaker(values, speakers.tolist())
    apart = by_speaker(values, speakers.tolist(), apart=["s000"])
    assert abs(usual[:20].mean()) < 0.3
    assert apart[:20].mean() > 1.5
    assert abs(apart[20:].mean(axis=0)[0]) < abs(apart[:20].mean()) / 3


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
